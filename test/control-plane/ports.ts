import { createServer } from 'node:net';
import { errorCode, portsBusy } from './problems.ts';

const TRIES = 20;
const LOWEST = 20_000;
/** Below 32768, where Linux begins to give ports to outgoing connections: one of those could take ours during a restart. */
const COUNT = 12_000;

/** A port of 127.0.0.1 that nothing listens on now. Throws ControlPlaneError. */
export async function findFreePort(random: () => number = Math.random): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = LOWEST + Math.floor(random() * COUNT);
    if (await isFree(port)) return port;
  }
  throw portsBusy(TRIES);
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (errorCode(error) === 'EADDRINUSE' || errorCode(error) === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
