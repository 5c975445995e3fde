import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removalCandidateResource, type RemovalCandidate, type RemovalCandidateStatus } from '../../operator/api/removal-candidate.ts';
import { noticeKey, noticeKeySecret } from '../../operator/controllers/answers/notice-key.ts';
import { startRedirectServer, type RedirectServer } from '../../operator/controllers/authorization/redirect-server.ts';
import type { Secret } from '../../operator/controllers/secrets.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { coreResources, createKubernetesClient, type WatchingClient } from '../../operator/kubernetes/http-client.ts';
import { writeStatus } from '../../operator/kubernetes/status-writer.ts';
import { makeAnswerUrls } from '../../operator/notices/links.ts';
import { aCandidate, createAnswerWorld } from '../support/answer-fixtures.ts';
import { realClock } from '../support/real-clock.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

const replicaCount = 4;

describe('answers to a notice, on a real API server', () => {
  const signal = new AbortController().signal;
  let namespace: string;
  let clients: WatchingClient[];
  let servers: RedirectServer[];
  /** What the caches of all replicas hold. */
  const cached = new Map<string, RemovalCandidate>();

  beforeAll(async () => {
    const plane = await attachControlPlane();
    namespace = await createNamespace('answers');
    const config = await loadClusterConfig({ kubeconfig: plane.kubeconfig, env: {} });
    clients = Array.from({ length: replicaCount }, () => createKubernetesClient(config, { clock: realClock, userAgent: 'answers-test' }));
    servers = await Promise.all(
      clients.map(async (client) => {
        const { dependencies, ...options } = createAnswerWorld().options();
        const stores = { ...dependencies.stores, candidates: { ...dependencies.stores.candidates, get: (key: string) => cached.get(key) } };
        return startRedirectServer({ ...options, dependencies: { ...dependencies, client, clock: realClock, stores } });
      }),
    );
  });
  afterAll(async () => {
    await Promise.all(servers.map(async (server) => server.close()));
    await Promise.all(clients.map(async (client) => client.close()));
  });

  const client = (): WatchingClient => clients[0] ?? expect.unreachable();
  const read = async (name: string): Promise<RemovalCandidate> => (await client().get<RemovalCandidate>(removalCandidateResource, { namespace, name })) ?? expect.unreachable();
  const asController = async (candidate: RemovalCandidate, status: RemovalCandidateStatus): Promise<unknown> =>
    writeStatus(client(), removalCandidateResource, candidate, status, { fieldManager: 'saas-license-operator' });

  async function make(name: string): Promise<RemovalCandidate> {
    const { spec } = aCandidate();
    const made = await client().create<RemovalCandidate>(removalCandidateResource, { metadata: { name, namespace }, spec });
    await asController(made, { state: 'AwaitingUser' });
    cached.set(`${namespace}/${name}`, made);
    return made;
  }

  async function urlsOf({ metadata }: RemovalCandidate): Promise<{ keepUrl: string; releaseUrl: string }> {
    const key = await noticeKey(namespace, { client: client(), createSecret: () => 'a'.repeat(43), signal });
    return makeAnswerUrls({ publicUrl: 'https://licenses.example.com', candidate: { namespace, name: metadata.name, uid: metadata.uid ?? '', round: 1 }, expiresAt: Date.now() + 3_600_000, key });
  }

  const post = async (replica: number, url: string, reason = ''): Promise<number> => {
    const { pathname, searchParams } = new URL(url);
    const response = await fetch(`${servers[replica]?.url}${pathname}`, { method: 'POST', body: new URLSearchParams({ token: searchParams.get('token') ?? '', reason }) });
    await response.text();
    return response.status;
  };

  it('guard 7: replicas that make the key at once agree on one, which nobody can change', async () => {
    const keys = await Promise.all(clients.map(async (each, at) => noticeKey(namespace, { client: each, createSecret: () => String(at).repeat(43), signal })));
    expect(new Set(keys.map((key) => key.reveal())).size).toBe(1);
    const secret = await client().get<Secret & { immutable?: boolean }>(coreResources.Secret, { namespace, name: noticeKeySecret });
    expect(secret?.immutable).toBe(true);
    await expect(client().mergePatch(coreResources.Secret, { namespace, name: noticeKeySecret }, { data: { key: 'eA==' } })).rejects.toMatchObject({ failure: { kind: 'Terminal' } });
  });

  it('L5: of many answers on all replicas at once, exactly one counts', async () => {
    for (const round of [1, 2, 3]) {
      const candidate = await make(`race-${round}`);
      const { keepUrl, releaseUrl } = await urlsOf(candidate);
      const statuses = await Promise.all(Array.from({ length: 12 }, async (_, at) => post(at % replicaCount, at % 3 === 0 ? releaseUrl : keepUrl, `answer ${at}`)));
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 410)).toHaveLength(11);
      const winner = statuses.indexOf(200);
      expect((await read(candidate.metadata.name)).status?.answer).toMatchObject({ verdict: winner % 3 === 0 ? 'Release' : 'Keep', via: 'Link', reason: `answer ${winner}` });
    }
  });

  it('L5: the controller’s own status does not take the answer away, nor the answer the status', async () => {
    const candidate = await make('beside');
    const { keepUrl } = await urlsOf(candidate);
    expect(await post(1, keepUrl, 'needed')).toBe(200);
    const answered = await read('beside');
    expect(answered.status).toMatchObject({ state: 'AwaitingUser', answer: { verdict: 'Keep', reason: 'needed' } });
    await asController(answered, { state: 'AwaitingApproval', reason: 'KeepWished' });
    expect((await read('beside')).status).toMatchObject({ state: 'AwaitingApproval', answer: { verdict: 'Keep' } });
  });

  it('guard 1: a link of a candidate that was made anew under the name does nothing', async () => {
    const old = await make('again');
    const { releaseUrl } = await urlsOf(old);
    await client().delete(removalCandidateResource, { namespace, name: 'again' });
    const { metadata } = await make('again');
    expect(await post(2, releaseUrl)).toBe(410);
    // Though a cache lags behind.
    cached.set(`${namespace}/again`, old);
    expect(await post(3, releaseUrl)).toBe(410);
    expect((await read('again')).metadata.uid).toBe(metadata.uid);
    expect((await read('again')).status?.answer).toBeUndefined();
  });
});
