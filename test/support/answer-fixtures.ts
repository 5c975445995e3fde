import { conflict } from '../../operator/api/errors.ts';
import type { RemovalCandidate, RemovalCandidateStatus } from '../../operator/api/removal-candidate.ts';
import { noticeKeySecret } from '../../operator/controllers/answers/notice-key.ts';
import { isWithinSkew } from '../../operator/kubernetes/clock-trust.ts';
import { createMetrics } from '../../operator/telemetry/metrics.ts';
import type { Logger } from '../../operator/telemetry/logger.ts';
import type { RedirectServerOptions } from '../../operator/controllers/authorization/redirect-server.ts';
import { aProfile } from './builders.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createSeededRandom } from './seeded-random.ts';

export const answerKey = 'k'.repeat(43);
export const answerNow = Date.parse('2026-11-24T00:00:00Z');

export function aCandidate(status: RemovalCandidateStatus = { state: 'AwaitingUser' }, metadata: Partial<RemovalCandidate['metadata']> = {}): RemovalCandidate {
  return {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'RemovalCandidate',
    metadata: { name: 'pagerduty-pabc123', namespace: 'team-a', uid: '6a8f0a1c-6a55-4d35-9a6f-000000000001', resourceVersion: '1', ...metadata },
    spec: {
      justification: 'LowUsage',
      assignmentGroup: 'Software managers',
      subject: {
        profileRef: { name: 'pagerduty' },
        ruleRef: { name: 'pagerduty-full-user' },
        subscriptionRef: { name: 'pagerduty-pabc123' },
        externalUserId: 'PABC123',
        displayName: 'Ada Secretname',
        userPrincipalName: 'ada@example.com',
        subscriptionIdentifier: 'PLIC001',
        role: 'user',
        action: 'Remove',
      },
    },
    status,
  };
}

/** One RemovalCandidate and the key, as an API server keeps them: a write under an old version is a Conflict. */
export interface AnswerWorld {
  candidate: RemovalCandidate | undefined;
  /** Base64url; undefined = there is no Secret. */
  key: string | undefined;
  /** Requests that it got. */
  readonly asked: string[];
  /** Runs before each write: what others do meanwhile. */
  beforeWrite: () => void;
  isReady: boolean;
  readonly clock: FakeClock;
  /** Milliseconds by which the clock is ahead of the API server's. */
  skewMs: number;
  readonly logs: string[];
  options(): RedirectServerOptions;
}

export function createAnswerWorld(): AnswerWorld {
  const logs: string[] = [];
  const log = (fields: object, text: string): void => void logs.push(JSON.stringify(fields) + text);
  const logger: Logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
  const world: AnswerWorld = {
    candidate: aCandidate(),
    key: answerKey,
    asked: [],
    beforeWrite() {},
    isReady: true,
    clock: createFakeClock(answerNow),
    skewMs: 0,
    logs,
    options: () => ({ host: '127.0.0.1', port: 0, isReady: () => world.isReady, hardSignal: new AbortController().signal, dependencies: dependenciesOf(world, logger) }),
  };
  return world;
}

function dependenciesOf(world: AnswerWorld, logger: Logger): RedirectServerOptions['dependencies'] {
  const client = {
    get: async ({ kind }: { kind: string }, { namespace, name }: { namespace: string; name: string }) => {
      world.asked.push(`get ${kind} ${namespace}/${name}`);
      if (kind === 'Secret') return Promise.resolve(world.key === undefined || name !== noticeKeySecret ? undefined : { metadata: { name }, data: { key: Buffer.from(world.key).toString('base64') } });
      return Promise.resolve(structuredClone(world.candidate));
    },
    apply: async ({ kind }: { kind: string }, object: RemovalCandidate, { fieldManager, subresource, force }: { fieldManager: string; subresource?: string; force?: boolean }) => {
      world.beforeWrite();
      world.asked.push(`apply ${kind} ${subresource} by ${fieldManager}${force === true ? ' by force' : ''}`);
      const { candidate } = world;
      if (candidate === undefined || candidate.metadata.resourceVersion !== object.metadata.resourceVersion) throw conflict('somebody was faster');
      world.candidate = { ...candidate, metadata: { ...candidate.metadata, resourceVersion: `${Number(candidate.metadata.resourceVersion) + 1}` }, status: { ...candidate.status, ...object.status } };
      return Promise.resolve(world.candidate);
    },
  };
  const byKey = (key: string): RemovalCandidate | undefined => (key === `${world.candidate?.metadata.namespace}/${world.candidate?.metadata.name}` ? world.candidate : undefined);
  const stores = { candidates: { get: byKey }, profiles: { get: () => aProfile() }, aliases: { list: () => [], byIndex: () => [] } };
  const rest = { providers: new Map(), clock: world.clock, clockTrust: { isTrusted: () => isWithinSkew(world.skewMs), skewMs: () => world.skewMs }, random: createSeededRandom(1), logger, metrics: createMetrics(), identity: 'me', createSecret: () => 'x' };
  return { ...rest, client, stores } as unknown as RedirectServerOptions['dependencies'];
}
