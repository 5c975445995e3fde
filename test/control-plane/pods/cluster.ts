import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ApiClient, HttpAnswer, HttpRequest } from '../http.ts';
import type { Pod } from './pod.ts';

export interface IssuedToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What a kubelet reads for a pod. */
export interface ClusterReader {
  /** The object's data; undefined when there is no such object. */
  readData(kind: 'secret' | 'configmap', namespace: string, name: string): Promise<Map<string, Buffer> | undefined>;
  /** A token of the pod's ServiceAccount, bound to the pod. */
  requestToken(pod: Pod, expirationSeconds: number, audience: string | undefined): Promise<IssuedToken>;
}

const dataSchema = z.object({
  data: z.record(z.string(), z.string()).nullish(),
  binaryData: z.record(z.string(), z.string()).nullish(),
});
const tokenSchema = z.object({ status: z.object({ token: z.string(), expirationTimestamp: z.iso.datetime() }) });

/** The API server refused for good. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;

  constructor(what: string, answer: HttpAnswer) {
    const said = z.object({ message: z.string() }).safeParse(answer.body);
    super(`${what} was answered ${answer.status}${said.success ? `: ${said.data.message.slice(0, 500)}` : ''}`);
    this.status = answer.status;
  }
}

/** The API server as this kubelet needs it. Outages are waited out until the signal aborts. */
export class Cluster implements ClusterReader {
  readonly #client: ApiClient;
  readonly #signal: AbortSignal;

  constructor(client: ApiClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  async readData(kind: 'secret' | 'configmap', namespace: string, name: string): Promise<Map<string, Buffer> | undefined> {
    const answer = await this.send(`/api/v1/namespaces/${namespace}/${kind}s/${name}`, {}, [404]);
    if (answer.status === 404) return undefined;
    const { data, binaryData } = dataSchema.parse(answer.body);
    const entries = Object.entries(data ?? {}).map(([key, value]): [string, Buffer] => [key, Buffer.from(value, kind === 'secret' ? 'base64' : 'utf8')]);
    const binary = Object.entries(binaryData ?? {}).map(([key, value]): [string, Buffer] => [key, Buffer.from(value, 'base64')]);
    return new Map([...entries, ...binary]);
  }

  async requestToken(pod: Pod, expirationSeconds: number, audience: string | undefined): Promise<IssuedToken> {
    const { namespace, name, uid } = pod.metadata;
    const spec = {
      expirationSeconds,
      ...(audience === undefined ? {} : { audiences: [audience] }),
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
    };
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
    const answer = await this.send(`/api/v1/namespaces/${namespace}/serviceaccounts/${pod.spec.serviceAccountName}/token`, { method: 'POST', body });
    const { token, expirationTimestamp } = tokenSchema.parse(answer.body).status;
    return { token, expiresAt: Date.parse(expirationTimestamp) };
  }

  /** False when another was faster or the pod is gone. */
  async bind(pod: Pod, nodeName: string): Promise<boolean> {
    const { namespace, name, uid } = pod.metadata;
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { apiVersion: 'v1', kind: 'Node', name: nodeName } };
    const { status } = await this.send(`/api/v1/namespaces/${namespace}/pods/${name}/binding`, { method: 'POST', body }, [404, 409]);
    return status < 300;
  }

  /** False when the pod is gone. */
  async patchStatus(pod: Pod, status: unknown): Promise<boolean> {
    const { namespace, name, uid } = pod.metadata;
    const request = { method: 'PATCH', contentType: 'application/merge-patch+json', body: { metadata: { uid }, status } } as const;
    const answer = await this.send(`/api/v1/namespaces/${namespace}/pods/${name}/status`, request, [404, 409]);
    return answer.status < 300;
  }

  /** Tells the API server that nothing of the pod runs any more. */
  async removePod(pod: Pod): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid } };
    await this.send(`/api/v1/namespaces/${namespace}/pods/${name}`, { method: 'DELETE', body }, [404, 409]);
  }

  async recordEvent(pod: Pod, event: { type: 'Normal' | 'Warning'; reason: string; note: string }): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    const body = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { generateName: `${name.slice(0, 200)}-`, namespace },
      regarding: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid },
      eventTime: new Date().toISOString().replace('Z', '000Z'),
      reportingController: 'pod-runner',
      reportingInstance: 'pod-runner',
      action: 'Syncing',
      ...event,
    };
    // A namespace that is going away takes no events.
    await this.send(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`, { method: 'POST', body }, [403, 404]);
  }

  /** An answer below 300 or one of `expected`; else throws Refused. */
  async send(path: string, request: HttpRequest, expected: readonly number[] = []): Promise<HttpAnswer> {
    for (let wait = 100; ; wait = Math.min(wait * 2, 2000)) {
      const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(30_000)]);
      const answer = await this.#client.request(path, { ...request, signal }).catch(() => undefined);
      this.#signal.throwIfAborted();
      const passing = answer === undefined || answer.status === 429 || answer.status >= 500;
      if (!passing && (answer.status < 300 || expected.includes(answer.status))) return answer;
      if (!passing) throw new Refused(`${request.method ?? 'GET'} ${path}`, answer);
      await delay(wait, undefined, { signal: this.#signal });
    }
  }
}
