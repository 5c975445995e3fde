import * as fc from 'fast-check';
import type { IntegrationProfile } from '../../operator/api/integration-profile.ts';
import type { ReclamationRuleSpec } from '../../operator/api/reclamation-rule.ts';
import { defineReclamationRule } from '../../operator/api/reclamation-rule.ts';
import { roleGroups, type RoleGroup } from '../../operator/api/software-subscription.ts';
import type { ReclaimSeat, RuleFacts, SignalWatch } from '../../operator/licensing/reclaim/facts.ts';
import type { JudgeInput } from '../../operator/licensing/reclaim/judge.ts';
import type { EvaluationContext } from '../../operator/licensing/reclaim/evaluate.ts';
import { createHash } from 'node:crypto';
import { aSeat, daysAgo, positionNow } from './position-company.ts';

export { daysAgo, positionNow as reclaimNow } from './position-company.ts';
export const dayMs = 86_400_000;

type SpecChange = Partial<Record<keyof ReclamationRuleSpec, unknown>>;

/** The spec of a Remove rule of the profile `pagerduty`, as the API server would complete it. */
export function ruleSpec(change: SpecChange = {}): ReclamationRuleSpec {
  const given = { profileRef: { name: 'pagerduty' }, action: 'Remove', ...change };
  return defineReclamationRule().spec.parse(given) as ReclamationRuleSpec;
}

export function ruleFacts(change: SpecChange = {}, identifiers?: readonly string[]): RuleFacts {
  return { name: 'unused', spec: ruleSpec(change), identifiers: identifiers === undefined ? undefined : new Set(identifiers) };
}

type SeatChange = { readonly [Name in keyof ReclaimSeat]?: ReclaimSeat[Name] | undefined } & { readonly name: string };

/** A full user, last on call 90 days ago, watched for a year and assigned two years ago. A fact that is given as undefined is left out. */
export function aReclaimSeat(change: SeatChange): ReclaimSeat {
  const lastActivity = 'lastActivity' in change ? change.lastActivity : change.activity === undefined || change.activity === 'Recorded' ? daysAgo(90) : undefined;
  const seat = {
    ...aSeat({ name: change.name }),
    externalUserId: `P-${change.name}`,
    displayName: `Person ${change.name}`,
    userPrincipalName: `${change.name}@example.com`,
    address: `${change.name}@example.com`,
    assignedAt: daysAgo(730),
    evidence: lastActivity === undefined ? [] : [{ signal: 'OnCall', at: lastActivity }],
    ...change,
    lastActivity,
  };
  return Object.fromEntries(Object.entries(seat).filter(([, value]) => value !== undefined)) as unknown as ReclaimSeat;
}

export const aWatch: SignalWatch = { from: daysAgo(365), to: positionNow, signals: ['OnCall'] };

/** Full users are watched by OnCall for a year until now; five admins. */
export function judgeContext(change: Partial<JudgeInput> & { readonly spec?: SpecChange } = {}): JudgeInput {
  const { spec = {}, ...others } = change;
  return {
    now: positionNow,
    rule: ruleFacts(spec),
    profileType: 'PagerDuty',
    watches: new Map([['FullUser', aWatch]]),
    exclusions: [],
    leavers: new Set(),
    open: new Map(),
    kept: new Map(),
    ownerRole: 'owner',
    adminRoles: new Set(['owner', 'admin']),
    admins: 5,
    ...others,
  };
}

/** SHA-256 as production has it. */
export function createHasher() {
  const hash = createHash('sha256');
  return { update: (text: string): void => void hash.update(text), digest: (): string => hash.digest('hex') };
}

export function evaluationContext(change: Parameters<typeof judgeContext>[0] = {}): EvaluationContext {
  return { ...judgeContext(change), profile: 'pagerduty', hasher: createHasher() };
}

/** A published profile whose runs succeeded an hour ago, with evidence of OnCall for 90 days. */
export function aProfile(change: { readonly spec?: object; readonly status?: object; readonly subscriptions?: object; readonly activity?: object; readonly signals?: readonly object[]; readonly metadata?: object } = {}): IntegrationProfile {
  const anHourAgo = new Date(positionNow - 3_600_000).toISOString();
  const run = { result: 'Succeeded', lastSuccessTime: anHourAgo, completionTime: anHourAgo, connection: 'c1' };
  const signals = change.signals ?? [{ name: 'OnCall', available: true, from: new Date(daysAgo(90)).toISOString(), to: anHourAgo }];
  return {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'IntegrationProfile',
    metadata: { name: 'pagerduty', namespace: 'team', ...change.metadata },
    spec: { type: 'PagerDuty', downloadActivity: true, suspend: false, activitySignals: ['OnCall'], ...change.spec },
    status: { state: 'Published', refresh: { subscriptions: { ...run, ...change.subscriptions }, activity: { ...run, signals, ...change.activity } }, ...change.status },
  } as unknown as IntegrationProfile;
}

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Often exactly on a boundary. */
const anyTime = fc.oneof(fc.constantFrom(0, 30, 60, 90).map(daysAgo), fc.integer({ min: -dayMs, max: 400 * dayMs }).map((ms) => positionNow - ms));
const signals = ['OnCall', 'SignIn', 'IncidentResponse'];

const anyFacts = fc.record({
  identifier: fc.constantFrom('LFULL', 'LOTHER'),
  roleGroup: fc.constantFrom('FullUser', 'FullUser', 'FullUser', ...roleGroups),
  role: fc.constantFrom('user', 'user', 'user', 'admin', 'owner', 'observer'),
  jobTitle: maybe(fc.constantFrom('Head', 'Engineer')),
  teams: fc.subarray(['Ops', 'Web', 'SRE']),
  pending: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  assignedAt: maybe(anyTime),
  firstSeen: maybe(anyTime),
  state: fc.constantFrom('Recorded', 'Recorded', 'Recorded', 'Never', 'Unknown', undefined),
  evidence: fc.uniqueArray(fc.record({ signal: fc.constantFrom(...signals), at: anyTime }), { selector: ({ signal }) => signal, minLength: 1, maxLength: 3 }),
  evidenceFrom: maybe(fc.oneof(fc.constant(daysAgo(400)), anyTime)),
});

/** Any subscriptions of a profile, in the order of their names. */
export const anyReclaimSeats: fc.Arbitrary<ReclaimSeat[]> = fc.array(anyFacts, { maxLength: 40 }).map((all) =>
  all.map(({ state, evidence, ...facts }, index) =>
    aReclaimSeat({
      ...facts,
      name: `seat-${String(index).padStart(3, '0')}`,
      activity: state,
      evidence: state === 'Recorded' ? evidence : [],
      lastActivity: state === 'Recorded' ? Math.max(...evidence.map(({ at }) => at)) : undefined,
    }),
  ),
);

const anyWatch = fc
  .record({ days: fc.integer({ min: 1, max: 400 }), lagMs: fc.integer({ min: 0, max: 3 * dayMs }), signals: fc.subarray(signals, { minLength: 1 }) })
  .map(({ days, lagMs, signals: names }) => ({ from: positionNow - lagMs - days * dayMs, to: positionNow - lagMs, signals: names }));

const names = Array.from({ length: 12 }, (_, index) => `seat-${String(index).padStart(3, '0')}`);

/** Any rule, with any watches, exclusions, leavers, open candidates and former decisions. */
export const anyContext: fc.Arbitrary<JudgeInput> = fc
  .record({
    thresholdDays: fc.integer({ min: 1, max: 120 }),
    override: maybe(fc.record({ days: fc.integer({ min: 1, max: 200 }), team: fc.constantFrom('Ops', 'SRE') })),
    grace: fc.constantFrom(0, 10, 60),
    includeNeverActive: fc.boolean(),
    groups: fc.constantFrom(['FullUser'], ['FullUser', 'Stakeholder']),
    ratio: fc.constantFrom(30, 100),
    minAdmins: fc.integer({ min: 1, max: 3 }),
    admins: fc.integer({ min: 0, max: 6 }),
    signals: maybe(fc.constantFrom(['OnCall'], ['OnCall', 'SignIn'])),
    protect: fc.record({ roles: maybe(fc.constant(['observer'])), teams: maybe(fc.constant(['Web'])), jobTitles: maybe(fc.constant(['Head'])) }),
    condition: maybe(fc.constant("subscription.role != 'observer'")),
    full: maybe(anyWatch),
    stakeholder: maybe(anyWatch),
    excluded: fc.subarray(names, { maxLength: 2 }),
    left: fc.subarray(names, { maxLength: 2 }),
    open: fc.subarray(names, { maxLength: 3 }),
    kept: fc.subarray(names, { maxLength: 2 }),
  })
  .map((chosen) => {
    const protect = Object.fromEntries(Object.entries(chosen.protect).filter(([, value]) => value !== undefined));
    const watches = new Map<RoleGroup, SignalWatch>([...(chosen.full ? [['FullUser', chosen.full] as const] : []), ...(chosen.stakeholder ? [['Stakeholder', chosen.stakeholder] as const] : [])]);
    return judgeContext({
      spec: {
        lastActivityThresholdDays: chosen.thresholdDays,
        ...(chosen.override === undefined ? {} : { thresholdOverrides: [{ match: { teams: [chosen.override.team] }, lastActivityThresholdDays: chosen.override.days }] }),
        newSeatGraceDays: chosen.grace,
        includeNeverActive: chosen.includeNeverActive,
        licenseRoleGroups: chosen.groups,
        limits: { maxCandidateRatio: chosen.ratio, minAdmins: chosen.minAdmins },
        ...(chosen.signals === undefined ? {} : { activitySignals: chosen.signals }),
        ...(chosen.condition === undefined ? {} : { condition: chosen.condition }),
        protect,
      },
      watches,
      admins: chosen.admins,
      exclusions: chosen.excluded.map((name) => ({ name: `not-${name}`, person: `${name}@example.com` })),
      leavers: new Set(chosen.left.map((name) => `${name}@example.com`)),
      open: new Map(chosen.open.map((name, index) => [name, index === 0 ? 'unused' : 'another'])),
      kept: new Map(chosen.kept.map((name) => [`${name}@example.com`, daysAgo(10)])),
    });
  });
