import { connectionAliasResource } from '../../operator/api/connection-alias.ts';
import { annotations, labels, product } from '../../operator/api/group.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { reclamationRuleResource } from '../../operator/api/reclamation-rule.ts';
import { SecretValue } from '../../operator/api/secret-value.ts';
import { softwareSubscriptionResource } from '../../operator/api/software-subscription.ts';
import { encodeTokenSecret, type Secret } from '../../operator/controllers/secrets.ts';
import { coreResources } from '../../operator/kubernetes/core-resources.ts';
import { connectionId } from '../../operator/licensing/connection-id.ts';
import { createSimulator, type CompanyState, type Simulator } from '../pagerduty-simulator/index.ts';
import { aProfile, anAlias } from '../support/builders.ts';
import { createLeapingClock, type LeapingClock } from '../support/leaping-clock.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory-cluster.ts';
import { aReclamationRule } from '../support/rule-builders.ts';
import { drawCompany, selfId } from './company.ts';
import { confirmAsSeen } from './confirmations.ts';
import { createDice, type Dice } from './dice.ts';
import type { Focus } from './focus.ts';
import { drawRule } from './rules.ts';
import type { Answered, Decided, Reading, Sent } from './people.ts';
import { dayMs, drawActivity, iso, namespace, subscriptionOf } from './subscriptions.ts';
import type { Late } from './late.ts';
import type { UndoWrite } from './undo-line.ts';
import type { Witness } from './witness.ts';

/** What the oracle found when a rule was evaluated. */
export interface Evaluated {
  /** Candidates in percent of those covered, by the most cautious count. */
  readonly ratio: number;
  readonly covered: number;
}

/** One company with its account, its cluster and all that was said and done. */
export interface World {
  readonly seed: number;
  readonly dice: Dice;
  readonly focus: Focus;
  readonly clock: LeapingClock;
  readonly simulator: Simulator;
  readonly cluster: MemoryCluster;
  /** Records of the trail are kept apart, so that lists stay short. */
  readonly records: MemoryCluster;
  readonly ruleNames: readonly string[];
  readonly witnesses: Witness[];
  readonly sent: Sent[];
  readonly decided: Decided[];
  readonly answered: Answered[];
  /** The last look that somebody took at a candidate, by its name: some decide by that. */
  readonly readings: Map<string, Reading>;
  /** Numbers what people see and do. */
  nextOrder(): number;
  /** Whose candidate was closed as kept, and when. */
  readonly kept: { readonly candidate: string; readonly address: string; readonly at: number }[];
  readonly evaluated: Map<string, Evaluated>;
  /** Everything that people may read: events and logs. */
  readonly said: string[];
  /** What was found to be wrong. */
  readonly violations: Set<string>;
  /** Decisions that were made. */
  readonly counts: { passes: number; judged: number; evaluations: number; deaths: number };
  /** How often each hand did something. */
  readonly moves: Map<string, number>;
  /** Whether the credential acts for `selfId`. */
  readonly hasSelf: boolean;
  /** Most reclaims of the account within 24 hours. */
  readonly accountCap: number;
  /** Ids whom the Terraform state names. */
  readonly claimed: Set<string>;
  /** Writes that are under way. */
  underWay: number;
  /** How many looks have what was read last behind them: nobody can see what changes after that. */
  sealed: number;
  /** How many have asked the vendor already. */
  vendorSealed: number;
  originals: Map<string, unknown>;
  /** Processes that look at something. */
  lookers: number;
  /** Looks that have saved what an undo needs, and will look at the person once more. */
  bundled: number;
  /** Looks after which nobody at the vendor can be seen to change any more. */
  personSealed: number;
  /** Candidates as they were, by name. */
  readonly backups: Map<string, RemovalCandidate>[];
  /** Where notices go to, by id, as long as the person is the same. */
  readonly resolved: Map<string, { readonly of: string; readonly resolvedEmail: string }>;
  /** Since when the person has the id whom it was given to last. */
  readonly seatSince: Map<string, number>;
  /** Who asked for an undo: word for word, by the origin of the candidate. */
  readonly restores: { readonly origin: string; readonly text: string }[];
  /** Requests to undo something, and what each has changed. */
  readonly undone: UndoWrite[];
  /** Requests that the vendor has not carried out yet. */
  readonly late: Late[];
  /** Probability that a write takes effect later. */
  readonly lateRate: number;
  /** Milliseconds by which the clock of the operator's node is ahead of the vendor's and everybody's. */
  skewMs: number;
}

export const apiKey = 'full-key-of-the-account';

export function openWorld(seed: number, focus: Focus = {}): World {
  const dice = createDice(seed);
  const clock = createLeapingClock('2026-11-24T09:00:00.000Z');
  const company = drawCompany(dice, clock.now());
  const hasSelf = focus.self ?? dice.chance(0.3);
  const simulator = openVendor(company, { dice, clock, focus, hasSelf });
  const cluster = createMemoryCluster(clock);
  const ruleNames = dice.chance(0.25) ? ['business', 'second'] : ['business'];
  const world: World = {
    seed, dice, focus, clock, simulator, cluster, ruleNames, hasSelf,
    accountCap: focus.accountCap ?? (seed % 5 === 0 ? 4 : 100),
    records: createMemoryCluster(),
    witnesses: [], sent: [], decided: [], answered: [], said: [], readings: new Map(), moves: new Map(), nextOrder: counter(),
    evaluated: new Map(), violations: new Set(), claimed: new Set(), originals: new Map(),
    counts: { passes: 0, judged: 0, evaluations: 0, deaths: 0 },
    underWay: 0, sealed: 0, vendorSealed: 0, personSealed: 0, bundled: 0, lookers: 0, skewMs: 0,
    kept: [], backups: [], resolved: new Map(), seatSince: new Map(), restores: [], undone: [], late: [], lateRate: dice.pick([0, 0.05, 0.25]),
  };
  fill(world, company);
  return world;
}

function counter(): () => number {
  let last = 0;
  return () => (last += 1);
}

function openVendor(company: CompanyState, { dice, clock, focus, hasSelf }: { dice: Dice; clock: LeapingClock; focus: Focus; hasSelf: boolean }): Simulator {
  return createSimulator({
    company,
    clock,
    apiKeys: [hasSelf ? { key: apiKey, userId: selfId } : { key: apiKey }],
    settings: {
      perMinute: 1e9,
      oncallsPerMinute: 1e9,
      deleteShownReads: dice.between(0, 4),
      deleteShownMs: focus.deleteShownMs ?? dice.pick([0, 0, 20_000, 600_000]),
      // A vendor that refuses nothing: what is not sent was held back here.
      planHasOffboarding: dice.chance(0.7),
      offboardingIncidents: 'restart',
      stakeholderOnCall: dice.chance(0.7) ? 'accept' : 'refuse',
      selfDelete: 'allowed',
    },
  });
}

function fill(world: World, company: CompanyState): void {
  const { cluster, dice, clock, focus } = world;
  const profile = fillConnection(world, company);
  for (const name of world.ruleNames) {
    const spec = { ...drawRule(dice, company, clock.now()), ...focus.rule };
    const rule = aReclamationRule({ name, spec });
    if (focus.rule !== undefined || dice.chance(0.93)) confirmAsSeen(rule);
    cluster.put(reclamationRuleResource, rule);
  }
  const firstSeen = clock.now() - 300 * dayMs;
  const inactive = focus.inactive ?? dice.pick([0.4, 0.6, 0.8]);
  for (const person of company.users) {
    const subscription = subscriptionOf(person, company, { profileUid: profile.metadata.uid ?? '', firstSeen });
    cluster.put(softwareSubscriptionResource, { ...subscription, status: drawActivity(dice, clock.now(), inactive) });
  }
  const leavers = company.users.filter(({ role }) => role !== 'owner' && dice.chance(0.1)).map(({ email }) => email);
  putSecret(world, 'leavers', { people: Buffer.from(leavers.join('\n')).toString('base64') });
  putSecret(world, 'slack', {});
}

export function putSecret({ cluster }: Pick<World, 'cluster'>, name: string, data: Record<string, string>): void {
  cluster.put<Secret>(coreResources.Secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data });
}

/** Alias, token and published profile. */
function fillConnection({ cluster, clock, dice, simulator, focus, seed }: World, company: CompanyState): IntegrationProfile {
  const endpoints = { api: simulator.url, identity: simulator.url, app: simulator.url };
  const settings = { subdomain: company.subdomain, endpoints };
  const alias = cluster.put(connectionAliasResource, anAlias({ spec: { pagerduty: settings }, status: { token: { credentialHash: 'hash-1' } as never } }));
  const aliasUid = alias.metadata.uid ?? '';
  const connection = connectionId({ type: 'PagerDuty', aliasUid, settings });
  const signals = dice.chance(0.8) ? ['OnCall'] : ['OnCall', 'SignIn'];
  const identityProvider = dice.pick(['Nobody', 'Nobody', 'Detected', 'CreatedViaSso'] as const);
  const spec = { maxLookBackDays: 200, activitySignals: signals, ownership: { crossplane: true, identityProvider }, reclaimLimits: { maxPerDay: seed % 4 === 0 ? 3 : 1000, maxPercentPerDay: 100 }, ...focus.profile };
  const subscriptions = { total: company.users.length, recorded: 0, never: 0, unknown: company.users.length, pendingInvitation: 0 };
  const status = { state: 'Published' as const, subscriptions, refresh: refreshOf(clock.now(), connection, signals) };
  const profile = cluster.put(integrationProfileResource, aProfile({ spec, status }));
  cluster.put<Secret>(coreResources.Secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'pagerduty-token',
      namespace,
      labels: { [labels.managedBy]: product },
      annotations: { [annotations.intentHash]: 'hash-1' },
      ownerReferences: [{ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'ConnectionAlias', name: 'pagerduty', uid: aliasUid, controller: true }],
    },
    data: encodeTokenSecret({ token: new SecretValue(apiKey), scheme: 'ApiToken', scopes: undefined, credentialId: 'c1', expiresAt: undefined, issuedAt: undefined }),
  });
  return profile;
}

/** What two refreshes that went well leave behind. */
export function refreshOf(now: number, connection: string, signals: readonly string[]): Refresh {
  const times = { startTime: iso(now - 60_000), completionTime: iso(now), lastSuccessTime: iso(now) };
  const run = { result: 'Succeeded', reason: 'Refreshed', message: '', ...times, connection, durationSeconds: 60, vendorRequests: 9, apiWrites: 0, created: 0, updated: 0, deleted: 0 } as const;
  const watched = signals.map((name) => ({ name, available: true, from: iso(now - 200 * dayMs), to: iso(now - 60_000) }));
  return { subscriptions: run, activity: { ...run, signals: watched } };
}

type Stored = NonNullable<NonNullable<IntegrationProfile['status']>['refresh']>;
type Refresh = { [Process in keyof Stored]-?: NonNullable<Stored[Process]> };
