import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { createServer } from 'node:tls';
import { generateCompany, startSimulator } from '../../pagerduty-simulator/index.ts';

/**
 * PagerDuty as a pod: the simulator on the pod's loopback, and TLS before it, as the real one has. The operator takes
 * plain http to loopback only, and this goes over a network.
 */
const port = 8443;

function need(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

const company = generateCompany({ seed: 7, users: Number(need('USERS')), now: Date.now(), subdomain: 'acme' });
const app = { clientId: need('CLIENT_ID'), clientSecret: need('CLIENT_SECRET'), scopes: need('SCOPES').split(' ') };
const simulator = await startSimulator({ company, apps: [app], port: Number(need('CONTROL_PORT')) });
const plain = { host: '127.0.0.1', port: Number(new URL(simulator.url).port) };
const directory = need('CERTIFICATE_DIRECTORY');
const [cert, key] = await Promise.all(['tls.crt', 'tls.key'].map(async (name) => readFile(`${directory}/${name}`)));

const server = createServer({ cert, key }, (socket) => {
  const upstream = connect(plain);
  socket.on('error', () => upstream.destroy());
  upstream.on('error', () => socket.destroy());
  socket.pipe(upstream).pipe(socket);
});
server.listen(port, '0.0.0.0', () => process.stdout.write(`PagerDuty with ${company.users.length} people on port ${port}\n`));

process.once('SIGTERM', () => process.exit(0));
