import { compact } from '../../api/compact.ts';
import { terminal } from '../../api/errors.ts';
import type { IntegrationProfile, RefreshResult } from '../../api/integration-profile.ts';
import type { ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { SoftwareModel } from '../../api/software-model.ts';
import type { RuleScene } from '../../controllers/reclamation-rule/input.ts';
import type { ReclaimSeat } from '../../licensing/reclaim/facts.ts';
import { settledSubscriptions, type IsSettled } from '../../licensing/reclaim/settled.ts';
import { providerByType } from '../../providers/registry.ts';
import type { Provider } from '../../providers/provider.ts';
import { toExclusion, toModel, toProfile, toSeat } from '../position/snapshot-facts.ts';
import type { RecordedCandidate, RecordedModel, RecordedProfile, RecordedSeat, Snapshot } from '../position/snapshot-schema.ts';

/** A rule to judge by recorded data: one of them, or one that is to be. */
export interface JudgedRule {
  readonly name: string;
  readonly spec: ReclamationRuleSpec;
}

/** What a rule is decided from, as the operator would have read it, and the subscriptions of its profile. */
export interface RecordedScene {
  readonly scene: RuleScene;
  readonly profile: RecordedProfile;
  readonly seats: readonly ReclaimSeat[];
  /** Tells those that were reclaimed since they were stored: they are judged by nobody until the next refresh. */
  readonly isSettled: IsSettled;
}

/**
 * What the operator would have read of a rule, from recorded data; it then judges with the operator's own code.
 * @throws OperatorError NoRules, NoProfile (Terminal).
 */
export function sceneOf(snapshot: Snapshot, { name, spec }: JudgedRule, providers: readonly Provider[]): RecordedScene {
  const rules = requireRules(snapshot);
  const profile = snapshot.profiles.find((one) => one.name === spec.profileRef.name);
  if (profile === undefined) throw terminal('NoProfile', `There is no IntegrationProfile ${spec.profileRef.name} (spec.profileRef of ReclamationRule ${name}) in namespace ${snapshot.namespace}.`);
  const candidates = snapshot.candidates.filter((one) => one.profile === profile.name).map(toCandidate);
  const judged = toJudgedProfile(profile);
  return {
    profile,
    seats: profile.seats.map(toReclaimSeat),
    isSettled: settledSubscriptions(judged, candidates),
    scene: {
      rule: { metadata: { name }, spec },
      profile: judged,
      provider: providerByType(providers, profile.type),
      models: snapshot.models.map(toPricedModel),
      exclusions: snapshot.exclusions.map(toExclusion),
      candidates,
      siblings: [],
      isRefreshing: profile.refreshing === true,
      isHalfWritten: profile.refresh?.subscriptions?.halfWritten === true,
      leavers: leaversOf(rules.find((rule) => rule.name === name), spec),
    },
  };
}

/** The rules of recorded data. @throws OperatorError NoRules (Terminal) when it is too old to have any. */
export function requireRules({ rules, namespace, at }: Snapshot): NonNullable<Snapshot['rules']> {
  if (rules !== undefined) return rules;
  throw terminal('NoRules', `The recorded data of namespace ${namespace} at ${at} hold no rules: they were recorded by an earlier version of saaslicense and are good for positions only. Record them again with saaslicense snapshot.`);
}

/** Undefined where a list was named that could not be read, or another one than the recorded. */
function leaversOf(recorded: NonNullable<Snapshot['rules']>[number] | undefined, spec: ReclamationRuleSpec): ReadonlySet<string> | undefined {
  if (spec.leaversRef === undefined) return new Set();
  const isSame = JSON.stringify(recorded?.spec['leaversRef']) === JSON.stringify(spec.leaversRef);
  return isSame && recorded?.leavers !== undefined ? new Set(recorded.leavers) : undefined;
}

function toReclaimSeat(recorded: RecordedSeat): ReclaimSeat {
  const { subscription = '', externalUserId = '', userPrincipalName, jobTitle, role, teams, evidence = [] } = recorded.subject ?? {};
  const seat = toSeat(recorded);
  return {
    ...seat,
    name: subscription,
    role: role ?? seat.role,
    teams: teams ?? seat.teams,
    externalUserId,
    displayName: '',
    evidence: evidence.map(({ signal, at }) => ({ signal, at: Date.parse(at) })),
    ...compact({ jobTitle, userPrincipalName }),
  };
}

function toJudgedProfile(profile: RecordedProfile): IntegrationProfile {
  const { spec, status, ...rest } = toProfile(profile);
  const { subscriptions, activity } = status?.refresh ?? {};
  const refresh = compact({ subscriptions: withRun(subscriptions, profile.refresh?.subscriptions), activity: withRun(activity, profile.refresh?.activity) });
  return { ...rest, spec: { ...spec, suspend: profile.suspended === true, reclaimSubscriptions: profile.reclaimDisabled !== true }, status: { ...compact({ state: profile.state }), refresh } };
}

interface RecordedRun {
  readonly result?: 'Succeeded' | 'Failed' | undefined;
  readonly start?: string | undefined;
  readonly lastSuccess?: string | undefined;
}

/**
 * How a run really ended; one of which nothing is known is taken for failed. Of one that was recorded without its beginning, by an
 * earlier version, the end of the last success stands for it.
 */
function withRun(run: RefreshResult | undefined, recorded: RecordedRun | undefined): RefreshResult | undefined {
  if (run === undefined || recorded === undefined) return undefined;
  const { result = 'Failed', lastSuccess, start = lastSuccess } = recorded;
  return { ...run, result, ...compact({ lastSuccessTime: lastSuccess, startTime: start }) };
}

/** With the prices that the last reconciliation told, by which the operator says what a candidate would save. */
function toPricedModel(recorded: RecordedModel): SoftwareModel {
  const model = toModel(recorded);
  if (recorded.averagePrices === undefined) return model;
  const money = recorded.averagePrices.map(({ currency, amountMinor }) => ({ currency, annualCost: 0, averageUnitCost: amountMinor }));
  // Of a position only its prices are read.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const position = { money } as unknown as NonNullable<NonNullable<SoftwareModel['status']>['position']>;
  return { ...model, status: { ...model.status, position } };
}

function toCandidate(recorded: RecordedCandidate): RemovalCandidate {
  const { name, profile, rule = '', subscription = '', identifier, action, state, reason, closedAt, attemptAt, restoredAt, blockers, externalUserId = '', userPrincipalName } = recorded;
  const attempt = attemptAt === undefined ? undefined : { id: '', number: 1, phase: 'Claimed' as const, holder: '', startedAt: attemptAt };
  const undo = restoredAt === undefined ? undefined : { secret: '', savedAt: '', expiresAt: '', restoredAt };
  return {
    metadata: { name },
    spec: {
      subject: {
        profileRef: { name: profile },
        ruleRef: { name: rule },
        subscriptionRef: { name: subscription },
        externalUserId,
        displayName: '',
        subscriptionIdentifier: identifier,
        role: '',
        action: action === 'Downgrade' ? 'Downgrade' : 'Remove',
        ...compact({ userPrincipalName }),
      },
      justification: 'LowUsage',
      assignmentGroup: '',
    },
    status: { state, ...compact({ reason, closedAt, attempt, undo, blockers: blockers?.map((blocker) => compact(blocker)) }) },
  };
}

