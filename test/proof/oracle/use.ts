import type { IntegrationProfile } from '../../../operator/api/integration-profile.ts';
import type { ReclamationRule } from '../../../operator/api/reclamation-rule.ts';
import type { SoftwareSubscription } from '../../../operator/api/software-subscription.ts';
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
  const { activity } = profile?.status?.refresh ?? {};
  const wished = (rule.spec.activitySignals ?? profile?.spec.activitySignals ?? []).filter((name) => sees[name]?.includes(group) === true);
  if (wished.length === 0) return undefined;
  let watch: Watch = { from: -Infinity, to: Infinity };
  for (const name of wished) {
    const result = activity?.signals?.find((one) => one.name === name);
    if (result?.available !== true || result.from === undefined || result.to === undefined) return undefined;
    watch = { from: Math.max(watch.from, Date.parse(result.from)), to: Math.min(watch.to, Date.parse(result.to)) };
  }
  return watch.from < watch.to ? watch : undefined;
}

function useOf(subscription: SoftwareSubscription, rule: ReclamationRule, { profile, now }: { profile: IntegrationProfile | undefined; now: number }): string | undefined {
  const { spec, metadata, status } = subscription;
  const watch = watchOf(spec.roleGroup, rule, profile);
  const threshold = thresholdOf(subscription, rule) * dayMs;
  const to = watch?.to ?? now;
  const last = lastOf(subscription, rule.spec.activitySignals);
  if (last !== undefined && last >= to - threshold) return 'Active';
  const graceDays = spec.invitationPending ? rule.spec.pendingInvitationGraceDays : rule.spec.newSeatGraceDays;
  if (!(Date.parse(spec.assignedAt ?? metadata.creationTimestamp ?? '') + graceDays * dayMs <= now)) return 'New';
  if (spec.invitationPending) return undefined;
  if (watch === undefined || watch.from > to - threshold) return 'EvidenceIncomplete';
  if (!(Date.parse(status?.evidenceFrom ?? '') <= to - threshold)) return 'EvidenceIncomplete';
  if (last !== undefined) return undefined;
  const isNever = status?.activity === 'Never' || (status?.activity === 'Recorded' && rule.spec.activitySignals !== undefined);
  if (!isNever) return 'EvidenceIncomplete';
  return rule.spec.includeNeverActive ? undefined : 'NeverActive';
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
  const { roles, teams, jobTitles } = rule.spec.protect;
  if (spec.role === 'owner') return 'OwnerByRole';
  for (const { spec: exclusion, metadata } of exclusions) {
    const isOver = metadata.deletionTimestamp !== undefined || (exclusion.until !== undefined && Date.parse(exclusion.until) <= now);
    const isPerson = exclusion.user?.userPrincipalName.toLowerCase() === spec.userPrincipalName.toLowerCase();
    const isLicence = exclusion.subscription?.type === 'PagerDuty' && exclusion.subscription.identifier === spec.subscriptionIdentifier;
    if (!isOver && (isPerson || isLicence)) return 'Excluded';
  }
  if (roles?.includes(spec.role) === true) return 'ProtectedRole';
  if (teams?.some((team) => spec.teams?.includes(team)) === true) return 'ProtectedTeam';
  if (spec.jobTitle !== undefined && jobTitles?.includes(spec.jobTitle) === true) return 'ProtectedTitle';
  return failsCondition(rule.spec.condition, spec.role) ? 'Condition' : undefined;
}

/** Of the two that the proof uses. */
function failsCondition(condition: string | undefined, role: string): boolean {
  if (condition === undefined) return false;
  return condition.includes('!=') ? role === 'observer' : role !== 'observer';
}

/** Guard 6 and T8: why nothing may be judged by what is stored; undefined = it may. */
export function staleness(profile: IntegrationProfile | undefined, rule: ReclamationRule, now: number): string | undefined {
  const { subscriptions, activity } = profile?.status?.refresh ?? {};
  if (profile?.spec.downloadActivity !== true) return 'NoActivity';
  for (const run of [subscriptions, activity]) {
    if (run?.result !== 'Succeeded') return 'RefreshFailed';
    const age = now - Date.parse(run.lastSuccessTime ?? '');
    if (!(age <= rule.spec.maxDataAgeHours * hourMs)) return 'DataStale';
    if (age < -25 * hourMs) return 'DataOfTomorrow';
  }
  return subscriptions?.connection === activity?.connection ? undefined : 'OtherConnection';
}

/** Whether anything of the rule is watched over the whole threshold. */
export function isWatched(profile: IntegrationProfile | undefined, rule: ReclamationRule): boolean {
  return rule.spec.licenseRoleGroups.some((group) => {
    const watch = watchOf(group, rule, profile);
    return watch !== undefined && watch.to - watch.from >= rule.spec.lastActivityThresholdDays * dayMs;
  });
}
