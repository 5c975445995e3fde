import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthority, createCertificate } from '../../../test/control-plane/x509.ts';
import { createStriker } from '../../api/strike-secrets.ts';
import { sendWithGot, type TransportFault } from './transport.ts';

const servers: (Server | TcpServer)[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function listen(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  servers.push(server);
  return address.port;
}

async function fail(url: string, withinMs?: number): Promise<TransportFault> {
  const { signal } = new AbortController();
  const result = await sendWithGot({ method: 'POST', url, headers: {}, striker: createStriker([]), form: { a: 'b' }, signal, ...(withinMs === undefined ? {} : { withinMs }) });
  if (result.kind !== 'Fault') throw new Error(`an answer came: ${result.status}`);
  return result;
}

describe('whether a request that failed has left (T7, facts 1.4)', () => {
  it('has not when nobody listens', async () => {
    const port = await listen(createTcpServer());
    const [server] = servers.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    expect(await fail(`http://127.0.0.1:${port}/oauth/token`)).toEqual({ kind: 'Fault', code: 'ECONNREFUSED', isUnsent: true });
  });

  it('has not when the other side is not to be trusted', async () => {
    const now = Date.now();
    const authority = createAuthority('nobody', now);
    const { certificate, key } = createCertificate(authority, { commonName: 'localhost', usage: 'server', hosts: ['127.0.0.1'] }, now);
    let requests = 0;
    const port = await listen(
      createTlsServer({ cert: certificate, key }, (_request, response) => {
        requests += 1;
        response.end('{}');
      }),
    );
    expect(await fail(`https://127.0.0.1:${port}/oauth/token`)).toMatchObject({ isUnsent: true });
    expect(requests).toBe(0);
  });

  it('may have when the connection breaks', async () => {
    const port = await listen(createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
    expect(await fail(`http://127.0.0.1:${port}/oauth/token`)).toEqual({ kind: 'Fault', code: 'ECONNRESET', isUnsent: false });
  });

  it('may have when no answer comes in the time that there is', async () => {
    const server = createHttpServer(() => undefined);
    const port = await listen(server);
    expect(await fail(`http://127.0.0.1:${port}/oauth/token`, 50)).toEqual({ kind: 'Fault', code: 'ETIMEDOUT', isUnsent: false });
    server.closeAllConnections();
  });
});
