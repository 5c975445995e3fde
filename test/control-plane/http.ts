import { readFile } from 'node:fs/promises';
import { Agent, type Dispatcher } from 'undici';
import { parse } from 'yaml';
import { z } from 'zod';
import { ControlPlaneError } from './contract.ts';

const kubeconfigSchema = z.object({
  'current-context': z.string(),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({
        server: z.string(),
        'certificate-authority-data': z.string().optional(),
        'certificate-authority': z.string().optional(),
        'insecure-skip-tls-verify': z.boolean().optional(),
      }),
    }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z.object({
        token: z.string().optional(),
        'client-certificate-data': z.string().optional(),
        'client-key-data': z.string().optional(),
        'client-certificate': z.string().optional(),
        'client-key': z.string().optional(),
      }),
    }),
  ),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
});

/** How to reach and log in to an API server. */
export interface Access {
  readonly server: string;
  readonly insecure: boolean;
  /** PEM. */
  readonly authority?: string | undefined;
  readonly token?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/** The current context of a kubeconfig. Throws ControlPlaneError for a login that only kubectl can do (exec plugins). */
export async function readAccess(path: string): Promise<Access> {
  const parsed = kubeconfigSchema.safeParse(parse(await readFile(path, 'utf8')));
  if (!parsed.success) throw new ControlPlaneError(`${path} is not a complete kubeconfig: ${z.prettifyError(parsed.error)}`);
  const { cluster, user } = findContext(parsed.data, path);
  const access = {
    server: cluster.server.replace(/\/$/u, ''),
    insecure: cluster['insecure-skip-tls-verify'] ?? false,
    authority: await readPem(cluster['certificate-authority-data'], cluster['certificate-authority']),
    token: user.token,
    certificate: await readPem(user['client-certificate-data'], user['client-certificate']),
    key: await readPem(user['client-key-data'], user['client-key']),
  };
  if (access.token !== undefined || (access.certificate !== undefined && access.key !== undefined)) return access;
  throw new ControlPlaneError(`${path}: its user logs in neither by token nor by client certificate. Use such a kubeconfig for tests.`);
}

type Kubeconfig = z.infer<typeof kubeconfigSchema>;

interface Context {
  readonly cluster: Kubeconfig['clusters'][number]['cluster'];
  readonly user: Kubeconfig['users'][number]['user'];
}

function findContext(config: Kubeconfig, path: string): Context {
  const context = config.contexts.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users.find(({ name }) => name === context?.user)?.user;
  if (cluster !== undefined && user !== undefined) return { cluster, user };
  throw new ControlPlaneError(`${path}: its current-context "${config['current-context']}" names no cluster and user that are there.`);
}

async function readPem(data: string | undefined, path: string | undefined): Promise<string | undefined> {
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  return path === undefined ? undefined : readFile(path, 'utf8');
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** The decoded JSON, or the text when it is none. */
  readonly body: unknown;
}

/**
 * The test side's own way to the API server: it shares no code with the product, so that it cannot share its defects.
 */
export class ApiClient {
  readonly server: string;
  readonly #agent: Agent;
  readonly #headers: Record<string, string>;

  constructor(access: Access) {
    this.server = access.server;
    this.#headers = access.token === undefined ? {} : { authorization: `Bearer ${access.token}` };
    this.#agent = new Agent({
      allowH2: false,
      // A watch is silent between bookmarks, about a minute apart.
      bodyTimeout: 180_000,
      headersTimeout: 60_000,
      connect: {
        rejectUnauthorized: !access.insecure,
        ca: access.authority,
        cert: access.certificate,
        key: access.key,
      },
    });
  }

  /** Any answer of the server is an answer; rejects when there is none. */
  async request(path: string, request: HttpRequest = {}): Promise<HttpAnswer> {
    const { statusCode, body } = await this.#send(path, request);
    const text = await body.text();
    try {
      return { status: statusCode, body: JSON.parse(text) };
    } catch {
      return { status: statusCode, body: text };
    }
  }

  /** The lines of a streamed answer as they come. Rejects on any status but 200. */
  async *lines(path: string, signal: AbortSignal): AsyncGenerator<string> {
    const { statusCode, body } = await this.#send(path, { signal });
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`${path} answered ${statusCode}`);
    }
    let rest = '';
    for await (const chunk of body.setEncoding('utf8') as AsyncIterable<string>) {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      yield* parts.filter((part) => part !== '');
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #send(path: string, request: HttpRequest): Promise<Dispatcher.ResponseData> {
    const hasBody = request.body !== undefined;
    return this.#agent.request({
      origin: this.server,
      path,
      method: request.method ?? 'GET',
      headers: {
        ...this.#headers,
        accept: 'application/json',
        ...(hasBody ? { 'content-type': request.contentType ?? 'application/json' } : {}),
      },
      body: hasBody ? JSON.stringify(request.body) : null,
      signal: request.signal ?? null,
    });
  }
}
