import type { IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { removalCandidateResource, type RemovalCandidate, type RemovalCandidateSpec } from '../../operator/api/removal-candidate.ts';
import { noticeKey } from '../../operator/controllers/answers/notice-key.ts';
import { startRedirectServer } from '../../operator/controllers/authorization/redirect-server.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { createKubernetesClient } from '../../operator/kubernetes/http-client.ts';
import { writeStatus } from '../../operator/kubernetes/status-writer.ts';
import { makeAnswerUrls, type AnswerUrls } from '../../operator/notices/links.ts';
import { attachControlPlane, createNamespace } from '../integration/control-plane-handle.ts';
import { aCandidate, createAnswerWorld } from '../support/answer-fixtures.ts';
import { aProfile } from '../support/builders.ts';
import { realClock } from '../support/real-clock.ts';

const hourMs = 3_600_000;

/** One replica of the operator that answers, with candidates on a real API server. */
export interface AnswerScene {
  /** A candidate that waits for its person, with the links of its notice, and those of one that has run out. */
  make(name: string, more?: { readonly subject?: Partial<RemovalCandidateSpec['subject']>; readonly product?: string }): Promise<AnswerUrls & { readonly expiredUrl: string }>;
  read(name: string): Promise<RemovalCandidate>;
  close(): Promise<void>;
}

export async function openAnswerScene(): Promise<AnswerScene> {
  const plane = await attachControlPlane();
  const namespace = await createNamespace('answer-pages');
  const client = createKubernetesClient(await loadClusterConfig({ kubeconfig: plane.kubeconfig, env: {} }), { clock: realClock, userAgent: 'answer-pages-test' });
  const candidates = new Map<string, RemovalCandidate>();
  const profiles = new Map<string, IntegrationProfile>();
  const { dependencies, ...options } = createAnswerWorld().options();
  const stores = {
    ...dependencies.stores,
    candidates: { ...dependencies.stores.candidates, get: (key: string) => candidates.get(key) },
    profiles: { ...dependencies.stores.profiles, get: (key: string) => profiles.get(key) },
  };
  const server = await startRedirectServer({ ...options, dependencies: { ...dependencies, client, clock: realClock, stores } });
  const key = await noticeKey(namespace, { client, createSecret: () => 'a'.repeat(43), signal: new AbortController().signal });

  return {
    async make(name, { subject = {}, product = 'PagerDuty' } = {}) {
      const { spec } = aCandidate();
      const profileRef = { name: `profile-of-${name}` };
      const made = await client.create<RemovalCandidate>(removalCandidateResource, { metadata: { name, namespace }, spec: { ...spec, subject: { ...spec.subject, profileRef, ...subject } } });
      await writeStatus(client, removalCandidateResource, made, { state: 'AwaitingUser' }, { fieldManager: 'saas-license-operator' });
      candidates.set(`${namespace}/${name}`, made);
      const profile = aProfile();
      profiles.set(`${namespace}/${profileRef.name}`, { ...profile, spec: { ...profile.spec, type: product } });
      const urlsAt = (expiresAt: number): AnswerUrls => makeAnswerUrls({ publicUrl: server.url, candidate: { namespace, name, uid: made.metadata.uid ?? '', round: 1 }, expiresAt, key });
      return { ...urlsAt(Date.now() + hourMs), expiredUrl: urlsAt(Date.now() - hourMs).keepUrl };
    },
    async read(name) {
      const found = await client.get<RemovalCandidate>(removalCandidateResource, { namespace, name });
      if (found === undefined) throw new Error(`there is no candidate ${name}`);
      return found;
    },
    async close() {
      await server.close();
      await client.close();
    },
  };
}
