import type { IntegrationProfile, SignalResult } from '../../../operator/api/integration-profile.ts';
import type { ReclamationRule } from '../../../operator/api/reclamation-rule.ts';
import type { SoftwareSubscription } from '../../../operator/api/software-subscription.ts';
import type { SubscriptionExclusion } from '../../../operator/api/subscription-exclusion.ts';
import type { Objects } from '../witness.ts';

/*
 * What the design says of who may be reclaimed (section 5; rows L1–L18, C1, C3, C14, C17, C19, T2, T3), written anew from its text. Nothing here
 * may import anything of operator/ but types: an oracle that asks what it judges finds nothing.
 */

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Groups of roles that each signal sees (T3, T18). */
const sees: Readonly<Record<string, readonly string[]>> = { OnCall: ['FullUser'], SignIn: ['FullUser', 'Stakeholder'] };

/** Why the subscription is none that may be reclaimed by the rule at this time; undefined = it may. */
export function whyNot(subscription: SoftwareSubscription, rule: ReclamationRule, { objects, leavers, now }: { objects: Objects; leavers: ReadonlySet<string>; now: number }): string | undefined {
  if (!covers(rule, subscription)) return 'NotCovered';
  return whyNotPerson(asPersonHas(subscription), rule, { objects, leavers, now });
}

/** Guard 9: whoever was given the seat of another has it since then, and what was seen before was the other. */
function asPersonHas(subscription: SoftwareSubscription): SoftwareSubscription {
  const { personSince } = subscription.spec;
  if (personSince === undefined) return subscription;
  const later = (time: string | undefined): string | undefined => (time === undefined || Date.parse(time) > Date.parse(personSince) ? time : personSince);
  const { metadata, spec, status } = subscription;
  const isOwn = ({ time }: { time: string }): boolean => Date.parse(time) >= Date.parse(personSince);
  const { lastActivity, ...rest } = status ?? {};
  const isFormer = lastActivity !== undefined && !isOwn(lastActivity);
  const seen = isFormer ? { ...rest, activity: 'Never' as const } : { ...rest, ...(lastActivity === undefined ? {} : { lastActivity }) };
  const evidence = status?.evidence?.filter(isOwn);
  return {
    ...subscription,
    metadata: { ...metadata, creationTimestamp: later(metadata.creationTimestamp) },
    spec: { ...spec, assignedAt: later(spec.assignedAt) },
    status: { ...seen, evidenceFrom: later(status?.evidenceFrom), ...(evidence === undefined ? {} : { evidence }) },
  } as SoftwareSubscription;
}

function whyNotPerson(subscription: SoftwareSubscription, rule: ReclamationRule, { objects, leavers, now }: { objects: Objects; leavers: ReadonlySet<string>; now: number }): string | undefined {
  const isLeaver = leavers.has(subscription.spec.userPrincipalName.toLowerCase());
  const use = isLeaver ? undefined : useOf(subscription, rule, { profile: objects.profile, now });
  return use ?? protectionOf(subscription, rule, { objects, now });
}

export function covers({ spec: { licenseRoleGroups, downgradeTo } }: ReclamationRule, { spec }: SoftwareSubscription): boolean {
  const isTarget = downgradeTo !== undefined && spec.role === downgradeTo.role && spec.subscriptionIdentifier === (downgradeTo.subscriptionIdentifier ?? spec.subscriptionIdentifier);
  return !isTarget && licenseRoleGroups.some((group) => group === spec.roleGroup);
}

interface Watch {
  readonly from: number;
  readonly to: number;
}

/** In which every signal of the rule that sees the group has watched without a gap. */
function watchOf(group: string, rule: ReclamationRule, profile: IntegrationProfile | undefined): Watch | undefined {
  const results = signalsOf(profile);
  const wished = rule.spec.activitySignals ?? profile?.spec.activitySignals ?? [];
  const windows = wished.filter((name) => sees[name]?.includes(group)).map((name) => windowOf(results.find((one) => one.name === name)));
  const from = Math.max(...windows.map((window) => window.from));
  const to = Math.min(...windows.map((window) => window.to));
  return windows.length > 0 && from < to ? { from, to } : undefined;
}

function signalsOf(profile: IntegrationProfile | undefined): readonly SignalResult[] {
  return profile?.status?.refresh?.activity?.signals ?? [];
}

/** Of a signal that was refused, or was never complete, there is none. */
function windowOf(result: SignalResult | undefined): Watch {
  const isThere = result?.available === true && result.from !== undefined && result.to !== undefined;
  return isThere ? { from: Date.parse(result.from ?? ''), to: Date.parse(result.to ?? '') } : { from: Infinity, to: -Infinity };
}

function useOf(subscription: SoftwareSubscription, rule: ReclamationRule, { profile, now }: { profile: IntegrationProfile | undefined; now: number }): string | undefined {
  const { spec } = subscription;
  const watch = watchOf(spec.roleGroup, rule, profile);
  const since = endOf(watch, now) - thresholdOf(subscription, rule) * dayMs;
  const last = lastOf(subscription, rule.spec.activitySignals);
  if (last !== undefined && last >= since) return 'Active';
  const assignedAt = assignedAtOf(subscription);
  if (!(assignedAt + graceOf(subscription, rule) <= now)) return 'New';
  if (spec.invitationPending) return undefined;
  if (Math.max(watch?.from ?? Infinity, evidenceFrom(subscription)) > since) return 'EvidenceIncomplete';
  return last === undefined ? neverUsed(subscription, rule, assignedAt > since) : undefined;
}

/** Nobody is inactive for days on which nobody looked. */
function endOf(watch: Watch | undefined, now: number): number {
  return watch?.to ?? now;
}

/** C1, C17. */
function graceOf({ spec }: SoftwareSubscription, rule: ReclamationRule): number {
  return dayMs * (spec.invitationPending ? rule.spec.pendingInvitationGraceDays : rule.spec.newSeatGraceDays);
}

/** Where the vendor hides it, when it was first seen (C1). */
function assignedAtOf({ spec, metadata }: SoftwareSubscription): number {
  return Date.parse(spec.assignedAt ?? metadata.creationTimestamp ?? '');
}

function evidenceFrom({ status }: SoftwareSubscription): number {
  return status?.evidenceFrom === undefined ? Infinity : Date.parse(status.evidenceFrom);
}

/** L16, L17: never is not the same as not known; and who has had the seat for less than the threshold could not use it for so long. */
function neverUsed({ status }: SoftwareSubscription, { spec }: ReclamationRule, isNew: boolean): string | undefined {
  const isNever = status?.activity === 'Never' || (status?.activity === 'Recorded' && spec.activitySignals !== undefined);
  if (!isNever) return 'EvidenceIncomplete';
  if (isNew) return 'New';
  return spec.includeNeverActive ? undefined : 'NeverActive';
}

function thresholdOf({ spec }: SoftwareSubscription, { spec: { thresholdOverrides = [], lastActivityThresholdDays } }: ReclamationRule): number {
  const override = thresholdOverrides.find(({ match }) => spec.teams?.some((team) => match.teams?.includes(team)));
  return override?.lastActivityThresholdDays ?? lastActivityThresholdDays;
}

function lastOf({ status }: SoftwareSubscription, signals: readonly string[] | undefined): number | undefined {
  const told = [...(status?.evidence ?? []), ...(status?.lastActivity === undefined ? [] : [status.lastActivity])];
  const times = told.filter(({ signal }) => signals?.includes(signal) ?? true).map(({ time }) => Date.parse(time));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Guard 2, as far as our own objects tell. */
export function protectionOf({ spec }: SoftwareSubscription, rule: ReclamationRule, { objects: { exclusions }, now }: { objects: Pick<Objects, 'exclusions'>; now: number }): string | undefined {
  const { roles = [], teams = [], jobTitles = [] } = rule.spec.protect;
  const reasons: Readonly<Record<string, boolean>> = {
    OwnerByRole: spec.role === 'owner',
    Excluded: exclusions.some((exclusion) => excludes(exclusion, spec, now)),
    ProtectedRole: roles.includes(spec.role),
    ProtectedTeam: teams.some((team) => spec.teams?.includes(team)),
    ProtectedTitle: jobTitles.includes(spec.jobTitle ?? ''),
    Condition: failsCondition(rule.spec.condition, spec.role),
  };
  return Object.entries(reasons).find(([, holds]) => holds)?.[0];
}

function excludes({ spec: { user, subscription, until }, metadata }: SubscriptionExclusion, spec: SoftwareSubscription['spec'], now: number): boolean {
  if (metadata.deletionTimestamp !== undefined || (until !== undefined && Date.parse(until) <= now)) return false;
  const isPerson = user?.userPrincipalName.toLowerCase() === spec.userPrincipalName.toLowerCase();
  return isPerson || (subscription?.type === 'PagerDuty' && subscription.identifier === spec.subscriptionIdentifier);
}

/** Of the two that the proof uses. */
function failsCondition(condition: string | undefined, role: string): boolean {
  if (condition === undefined) return false;
  return condition.includes('!=') ? role === 'observer' : role !== 'observer';
}

/** Guard 6: why nothing may be judged by what is stored; undefined = it may. */
export function staleness(profile: IntegrationProfile | undefined, rule: ReclamationRule, now: number): string | undefined {
  if (profile?.spec.downloadActivity !== true) return 'NoActivity';
  const { subscriptions, activity } = profile.status?.refresh ?? {};
  const problem = [subscriptions, activity].map((run) => stalenessOf(run, rule.spec.maxDataAgeHours * hourMs, now)).find((one) => one !== undefined);
  return problem ?? (subscriptions?.connection === activity?.connection ? undefined : 'OtherConnection');
}

function stalenessOf(run: { result: string; lastSuccessTime?: string | undefined } | undefined, mostMs: number, now: number): string | undefined {
  if (run?.result !== 'Succeeded') return 'RefreshFailed';
  const age = now - Date.parse(run.lastSuccessTime ?? '');
  if (!(age <= mostMs)) return 'DataStale';
  return age < -25 * hourMs ? 'DataOfTomorrow' : undefined;
}

/** Whether anything of the rule is watched over the whole threshold. */
export function isWatched(profile: IntegrationProfile | undefined, rule: ReclamationRule): boolean {
  return rule.spec.licenseRoleGroups.some((group) => {
    const watch = watchOf(group, rule, profile);
    return watch !== undefined && watch.to - watch.from >= rule.spec.lastActivityThresholdDays * dayMs;
  });
}
