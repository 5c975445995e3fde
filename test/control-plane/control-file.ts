import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import { request } from 'undici';
import { z } from 'zod';
import { ControlPlaneError } from './contract.ts';

const controlSchema = z.object({
  /** Where the owner of the run takes orders. */
  url: z.string(),
  token: z.string(),
  server: z.string(),
  kubeconfig: z.string(),
  auditLog: z.string(),
  kubectl: z.tuple([z.string()], z.string()),
});

/** What another process must know to use a running control plane. */
export type Control = z.infer<typeof controlSchema>;

export interface Orders {
  restart(downMs: number): Promise<void>;
  stop(): Promise<void>;
}

export interface ControlServer {
  close(): void;
}

/** Takes orders on loopback from whoever can read the run's control file, and writes that file. */
export async function serveControl(directory: string, facts: Omit<Control, 'url' | 'token'>, orders: Orders): Promise<ControlServer> {
  const token = randomBytes(24).toString('hex');
  const server = createServer((incoming, reply) => {
    void obey(incoming, token, orders).then(({ status, text }) => reply.writeHead(status, { connection: 'close' }).end(text));
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const control = { ...facts, url: `http://127.0.0.1:${portOf(server)}`, token } satisfies Control;
  await writeFile(join(directory, 'control.json'), JSON.stringify(control), { mode: 0o600 });
  return {
    close() {
      server.close();
    },
  };
}

/** Throws ControlPlaneError when nothing runs there. */
export async function readControl(directory: string): Promise<Control> {
  const text = await readFile(join(directory, 'control.json'), 'utf8').catch(() => undefined);
  if (text === undefined) throw new ControlPlaneError(`No control plane runs in ${directory}: start one with "npm run control-plane -- up".`);
  return controlSchema.parse(JSON.parse(text));
}

/** Gives an order to the owner of the run. Throws ControlPlaneError with what the owner says against it. */
export async function giveOrder(control: Control, order: string): Promise<void> {
  const answer = await request(`${control.url}/${order}`, {
    method: 'POST',
    headers: { authorization: control.token },
    // A restart lasts as long as it is told to stay down.
    headersTimeout: 0,
  }).catch((error: unknown) => {
    throw new ControlPlaneError('The process that owns the control plane does not answer: it has ended. Start a new one.', { cause: error });
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new ControlPlaneError(text);
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

async function obey(incoming: IncomingMessage, token: string, orders: Orders): Promise<Reply> {
  if (!isToken(incoming.headers.authorization ?? '', token)) return { status: 403, text: 'wrong token' };
  if (incoming.method !== 'POST') return { status: 405, text: 'orders are given by POST' };
  try {
    return await carryOut(new URL(incoming.url ?? '/', 'http://localhost'), orders);
  } catch (error) {
    return { status: 500, text: error instanceof Error ? error.message : String(error) };
  }
}

async function carryOut(url: URL, orders: Orders): Promise<Reply> {
  if (url.pathname === '/restart') await orders.restart(Number(url.searchParams.get('downMs') ?? 0));
  else if (url.pathname === '/stop') await orders.stop();
  else return { status: 404, text: `no order ${url.pathname}` };
  return { status: 200, text: 'done' };
}

function isToken(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the control server has no port');
  return address.port;
}
