import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { NoticeChannel } from '../../operator/api/notify.ts';
import { SecretValue } from '../../operator/api/secret-value.ts';
import type { NoticeFacts, NoticeMessage } from '../../operator/notices/notice.ts';

export function someFacts(more: Partial<NoticeFacts> = {}): NoticeFacts {
  return {
    candidate: 'pagerduty-pabc123',
    namespace: 'team-a',
    displayName: 'Ada Example',
    address: 'ada@example.com',
    product: 'PagerDuty',
    license: 'Full User',
    action: 'Remove',
    inactiveDays: 93,
    lastActivity: '2026-08-23T10:00:00Z',
    deadline: '2026-12-08T00:00:59Z',
    reason: undefined,
    keepUrl: 'https://licenses.example.com/reclaim/answer?token=keep',
    releaseUrl: 'https://licenses.example.com/reclaim/answer?token=release',
    ...more,
  };
}

export function someMessage(more: Partial<NoticeMessage> = {}): NoticeMessage {
  return { id: 'c0ffee.Notice.User.mail@saaslicense', kind: 'Notice', audience: 'User', facts: someFacts(), template: undefined, ...more };
}

export function someChannel(more: Partial<NoticeChannel> = {}): NoticeChannel {
  return { name: 'mail', type: 'Email', secretRef: { name: 'mail-server' }, audiences: ['User', 'Approvers'], ...more };
}

export function secretOf(keys: Readonly<Record<string, string>>): (key: string) => SecretValue | undefined {
  return (key) => (keys[key] === undefined || keys[key] === '' ? undefined : new SecretValue(keys[key]));
}

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The connection is cut, without an answer. */
  readonly isCut?: boolean;
}

export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** A real HTTP receiver on loopback; with a certificate it speaks TLS. */
export async function startReceiver(answer: (request: Received) => Answer, certificate?: { readonly cert: string; readonly key: string }): Promise<Receiver> {
  const received: Received[] = [];
  const server: Server = certificate === undefined ? createServer() : createTlsServer(certificate);
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
      received.push(one);
      const { status, headers = {}, body = 'ok', isCut = false } = answer(one);
      if (isCut) return request.socket.destroy();
      response.writeHead(status, headers);
      return response.end(body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => {
      server.close(() => resolve());
    });
  };
  return { url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, port, received, close };
}
