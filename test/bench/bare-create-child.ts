import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent } from 'undici';
import { createTally, writeReport } from './child-report.ts';

/**
 * A bare concurrent loop: POSTs the objects of BENCH_OBJECTS (JSON lines) to BENCH_PATH of the API server with undici,
 * BENCH_CONCURRENCY at a time, logged in as the pod is. It looks at nothing but the status.
 */
const env = process.env;
const directory = env['BENCH_ACCOUNT'] ?? '';
const objects = readFileSync(env['BENCH_OBJECTS'] ?? '', 'utf8').trimEnd().split('\n');
const origin = `https://${env['KUBERNETES_SERVICE_HOST']}:${env['KUBERNETES_SERVICE_PORT']}`;
const agent = new Agent({ allowH2: false, connections: 64, connect: { ca: readFileSync(join(directory, 'ca.crt')) } });
const headers = {
  authorization: `Bearer ${readFileSync(join(directory, 'token'), 'utf8').trim()}`,
  'content-type': 'application/json',
  'user-agent': 'bench-bare',
};
const tally = createTally();
let next = 0;
let failures = 0;

async function work(): Promise<void> {
  while (next < objects.length) {
    const body = objects[next] ?? '';
    next += 1;
    const reply = await agent.request({ origin, path: env['BENCH_PATH'] ?? '', method: 'POST', headers, body });
    await reply.body.dump();
    tally.count({ method: 'POST', resource: 'softwaresubscriptions' });
    if (reply.statusCode !== 201) failures += 1;
  }
}

const started = performance.now();
await Promise.all(Array.from({ length: Number(env['BENCH_CONCURRENCY']) }, work));
const workMs = performance.now() - started;
await agent.close();
writeReport({ workMs, exitCode: failures === 0 ? 0 : 1, reason: `${failures} failures`, ...tally.finish() });
