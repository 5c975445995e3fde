import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface StubRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface StubReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is; wins over `json`. */
  readonly text?: string;
  /** Closes the connection after so many bytes of the body, though the header promises all of it. */
  readonly cutAt?: number;
}

export type StubHandler = (request: StubRequest) => StubReply | 'reset' | 'silence';

export interface VendorStub extends AsyncDisposable {
  readonly address: string;
  /** Every request that came, in order. */
  readonly journal: readonly StubRequest[];
}

/** A server on loopback whose answers a test writes itself: for single exchanges, where the simulator is too large. */
export async function startVendorStub(handle: StubHandler): Promise<VendorStub> {
  const journal: StubRequest[] = [];
  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    const url = new URL(incoming.url ?? '/', 'http://stub');
    const request = { method: incoming.method ?? '', path: url.pathname, query: url.searchParams, headers: incoming.headers, body };
    journal.push(request);
    answer(handle(request), outgoing);
  }
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stub has no port');
  return {
    address: `http://127.0.0.1:${address.port}`,
    journal,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function answer(reply: ReturnType<StubHandler>, outgoing: ServerResponse): void {
  if (reply === 'silence') return;
  if (reply === 'reset') {
    outgoing.destroy();
    return;
  }
  const text = reply.text ?? JSON.stringify(reply.json ?? {});
  outgoing.writeHead(reply.status ?? 200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...reply.headers });
  if (reply.cutAt === undefined) outgoing.end(text);
  else outgoing.write(text.slice(0, reply.cutAt), () => outgoing.destroy());
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
