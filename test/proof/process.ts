import { integrationProfileResource } from '../../operator/api/integration-profile.ts';
import { connectionAliasResource } from '../../operator/api/connection-alias.ts';
import { OperatorError } from '../../operator/api/errors.ts';
import type { Clock } from '../../operator/api/clock.ts';
import type { ResourceType } from '../../operator/api/kind.ts';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import { reclamationRuleResource } from '../../operator/api/reclamation-rule.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { SecretValue } from '../../operator/api/secret-value.ts';
import { softwareModelResource } from '../../operator/api/software-model.ts';
import { subscriptionExclusionResource } from '../../operator/api/subscription-exclusion.ts';
import { createAuditTrail } from '../../operator/audit/audit-trail.ts';
import type { AuditTrail } from '../../operator/audit/trail.ts';
import type { ControllerDependencies } from '../../operator/controllers/dependencies.ts';
import { createOwnWrites } from '../../operator/controllers/own-writes.ts';
import { createCandidateJudge } from '../../operator/controllers/reclamation-rule/judge-candidate.ts';
import { reconcileRule } from '../../operator/controllers/reclamation-rule/reconcile.ts';
import { createAccountTurns } from '../../operator/controllers/removal-candidate/account-turns.ts';
import type { CandidateDependencies } from '../../operator/controllers/removal-candidate/input.ts';
import { reconcileCandidate } from '../../operator/controllers/removal-candidate/reconcile.ts';
import type { KubernetesClient } from '../../operator/kubernetes/client.ts';
import { createPagerDutyProvider } from '../../operator/providers/pagerduty/index.ts';
import { scrub } from '../../operator/telemetry/scrub.ts';
import type { MemoryCluster } from '../support/memory-cluster.ts';
import { jobsResource } from './resources.ts';
import { makeAnswerUrls } from '../../operator/notices/links.ts';
import { noticeKey } from './answers.ts';
import { dayMs, iso, namespace } from './subscriptions.ts';
import { areClocksRight } from './hands-time.ts';
import { createVendorLine } from './vendor-line.ts';
import { watchDeletion, watchKept } from './watch.ts';
import type { World } from './world.ts';

/** What comes in between the calls of a process. May throw: a fault of the API server. May never end: the process is dead. */
export type Between = (what: string, moment: 'before' | 'after') => void | Promise<void>;

/** One process of the operator: it dies, it falls behind, it is one of two. */
export interface Process {
  readonly name: string;
  between: Between;
  /** Milliseconds by which its clock is ahead. */
  skew: number;
  /** Whether the clocks agreed when it began to look. */
  wasTimely: boolean;
  /** Candidate that it looks at, or looked at last. */
  current: string;
  /** Brings its caches up to date. */
  catchUp(): void;
  /** Gives the milliseconds after which it wishes to look again. */
  lookAtCandidate(name: string): Promise<number | undefined>;
  lookAtRule(name: string): Promise<void>;
}

const cachedKinds = [reclamationRuleResource, integrationProfileResource, connectionAliasResource, removalCandidateResource, softwareModelResource, subscriptionExclusionResource];

type Cache = Map<string, KubernetesObject[]>;

export function startProcess(world: World, name: string): Process {
  const cache: Cache = new Map();
  const process: Process = {
    name,
    between: () => undefined,
    skew: 0,
    wasTimely: true,
    current: '',
    catchUp() {
      for (const kind of cachedKinds) cache.set(kind.plural, world.cluster.list(kind));
    },
    async lookAtCandidate(candidate) {
      process.current = candidate;
      process.wasTimely = areClocksRight(world);
      return (await reconcileCandidate(`${namespace}/${candidate}`, dependencies, new AbortController().signal)).requeueAfterMs;
    },
    lookAtRule: async (rule) => void (await reconcileRule(`${namespace}/${rule}`, dependencies, new AbortController().signal)),
  };
  const dependencies = equip(world, process, cache);
  process.catchUp();
  return process;
}

function equip(world: World, process: Process, cache: Cache): ControllerDependencies & CandidateDependencies {
  const { clock, dice, said } = world;
  const client = clientOf(world.cluster, world, process);
  const ownClock = { ...clock, now: () => clock.now() + process.skew + world.skewMs };
  const provider = createPagerDutyProvider({ transport: createVendorLine(world, process) });
  let secrets = 0;
  const log = (fields: object, message: string): void => void said.push(`${message} ${describeFields(fields)}`);
  const dependencies = {
    client,
    stores: storesOf(world, cache),
    ownWrites: createOwnWrites(client),
    providers: new Map([['PagerDuty', provider]]),
    clock: ownClock,
    clockTrust: world.cluster.clockTrust(ownClock),
    random: dice.fork().random,
    logger: { debug: log, info: log, warn: log, error: log, child: () => dependencies.logger },
    metrics: { onVendorRequest: () => undefined },
    events: { record: (_about: unknown, { reason, note }: { reason: string; note: string }) => void said.push(`${reason} ${note}`), flush: () => Promise.resolve() },
    identity: process.name,
    createSecret: () => `secret-${process.name}-${(secrets += 1)}-${'x'.repeat(40)}`,
    turns: createAccountTurns({ client, clock: ownClock, steady: clock, identity: process.name, namespace: 'operator', maxReclaimsPerDay: world.accountCap }),
    audit: trailOf(world, process, ownClock),
    notices: noticesOf(world, process),
  };
  const whole = dependencies as unknown as ControllerDependencies & CandidateDependencies;
  const judge = createCandidateJudge(whole);
  return Object.assign(whole, {
    judge: (async (objects, reading, signal) => {
      world.counts.judged += 1;
      return judge(objects, reading, signal);
    }) satisfies CandidateDependencies['judge'],
  });
}

/** As the logger writes it: of an error only its failure, and texts without addresses. */
function describeFields(fields: object): string {
  const told = Object.entries(fields).map(([field, value]) => `${field}=${value instanceof OperatorError ? JSON.stringify([value.failure, value.detail]) : JSON.stringify(value)}`);
  return scrub(told.join(' '));
}

function clientOf(cluster: MemoryCluster, world: World, process: Process): KubernetesClient {
  const client = cluster.client(process.name, { before: async ({ what }) => {
    await process.between(what, 'before');
    watchDeletion(world, process, what);
  }, after: async ({ what }) => {
    watchKept(world, what);
    await process.between(what, 'after');
  } });
  const { clock, focus } = world;
  return {
    ...client,
    // As the API server lists them, and stamps what is made.
    pages: <T extends KubernetesObject>(type: ResourceType, options: { namespace?: string }) => sorted(client.pages<T>(type, options as never)),
    apply: async (type, object, options) => client.apply(type, focus.noVersions === true ? { ...object, metadata: { ...object.metadata, resourceVersion: undefined } } as never : object, options),
    create: async (type, object, options) => client.create(type, { ...object, metadata: { ...object.metadata, creationTimestamp: iso(clock.now() + (cluster.aheadMs ?? 0)) } }, options),
  };
}

async function* sorted<T extends KubernetesObject>(pages: AsyncIterable<T[]>): AsyncGenerator<T[]> {
  for await (const page of pages) yield page.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** Of Jobs the cache is never behind here: a refresh that begins just now has written nothing yet. */
function storesOf({ cluster }: World, cache: Cache): unknown {
  const store = (plural: string, profileOf: (object: KubernetesObject) => string | undefined) => ({
    get: (key: string) => (cache.get(plural) ?? []).find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key),
    list: () => cache.get(plural) ?? [],
    byIndex: (_index: string, value: string) => (cache.get(plural) ?? []).filter((object) => `${namespace}/${profileOf(object)}` === value),
  });
  const profileOf = (object: KubernetesObject): string | undefined => (object as { spec?: { profileRef?: { name: string } } }).spec?.profileRef?.name;
  return {
    rules: store('reclamationrules', profileOf),
    profiles: store('integrationprofiles', ({ metadata }) => metadata.name),
    aliases: store('connectionaliases', profileOf),
    models: store('softwaremodels', profileOf),
    exclusions: store('subscriptionexclusions', profileOf),
    candidates: store('removalcandidates', (object) => (object as RemovalCandidate).spec.subject.profileRef.name),
    entitlements: store('softwareentitlements', profileOf),
    jobs: { byIndex: () => cluster.list(jobsResource) },
  };
}

function trailOf(world: World, process: Process, clock: Clock): AuditTrail {
  let secrets = 0;
  const trail = createAuditTrail({
    client: clientOf(world.records, world, process),
    clock,
    identity: process.name,
    createSecret: () => `audit-${world.seed}-${process.name}-${(secrets += 1)}-${'y'.repeat(40)}`,
  });
  return {
    recall: (space, origin, signal) => trail.recall(space, origin, signal),
    async append(space, entry, signal) {
      await trail.append(space, entry, signal);
      await process.between(`appended ${entry.event}`, 'after');
    },
  };
}

function noticesOf(world: World, process: Process): CandidateDependencies['notices'] {
  return {
    sender: {
      async send({ kind, audience, facts }) {
        await process.between(`send ${kind}`, 'before');
        const { metadata } = world.cluster.get<RemovalCandidate>(removalCandidateResource, { namespace, name: facts.candidate }) ?? {};
        world.sent.push({ candidate: facts.candidate, uid: metadata?.uid ?? '', to: facts.address?.toLowerCase() ?? '', kind, audience, links: [facts.keepUrl, facts.releaseUrl].filter((link) => link !== undefined), at: world.clock.now() });
        await process.between(`send ${kind}`, 'after');
      },
    },
    resolveChannel: ({ name }) => ({ type: 'Slack', name, url: new SecretValue('https://hooks.example.com') }),
    answerUrls: async ({ metadata: { name, uid = '' }, status }) => makeAnswerUrls({ publicUrl: 'https://x.example.com', candidate: { namespace, name, uid, round: status?.round ?? 1 }, expiresAt: world.clock.now() + 400 * dayMs, key: noticeKey }),
  };
}

