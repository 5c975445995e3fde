import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { RoleGroup } from '../../api/software-subscription.ts';
import type { Watch } from '../position/facts.ts';
import { maxEvidenceAgeMs, toMs } from '../position/read-objects.ts';
import { refreshTexts } from '../refresh-runs.ts';
import { compileCondition } from './condition.ts';
import type { Hold, SignalWatch } from './facts.ts';
import type { EvidenceInput } from './evidence-input.ts';
import { findThresholdProblem } from './threshold.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** How far the end of the evidence may lie before the run that read it: what a vendor's data lags behind (T18). */
const lagMs = dayMs;
/** A run that is said to have ended later than this from now tells nothing of how old its data is. */
const skewMs = hourMs;

interface HoldScene extends EvidenceInput {
  readonly watches: ReadonlyMap<RoleGroup, SignalWatch>;
  readonly now: number;
}

/** Of a profile that is there. */
interface ProfileScene extends HoldScene {
  readonly profile: IntegrationProfile;
}

interface FoundHold {
  readonly hold: Hold;
  /** Whether the evidence itself is not to be trusted; then not even what it would say is told. */
  readonly isBlind: boolean;
}

/** Why nothing may be judged: the first that applies, a cause before what follows from it (guards 5 and 6). */
export function findHold(scene: HoldScene): FoundHold | undefined {
  const { rule, profile } = scene;
  if (rule.spec.suspend) return seeing('RuleSuspended', 'spec.suspend of the ReclamationRule is true: nothing is evaluated, and its candidates stay as they are. Set it to false to go on.');
  if (profile === undefined || profile.metadata.deletionTimestamp !== undefined) {
    return blind('ProfileNotFound', `There is no IntegrationProfile ${rule.spec.profileRef.name} in this namespace, or it is being deleted. Create it, or change spec.profileRef.`);
  }
  const ofProfile = { ...scene, profile };
  for (const check of checks) {
    const found = check(ofProfile);
    if (found !== undefined) return found;
  }
  return undefined;
}

const checks: readonly ((scene: ProfileScene) => FoundHold | undefined)[] = [
  suspendedProfile,
  notPublished,
  missingModel,
  invalidCondition,
  invalidThreshold,
  noActivity,
  refreshing,
  halfWritten,
  neverRefreshed,
  failedRefresh,
  otherConnection,
  notWatched,
  staleData,
  shortHistory,
];

function suspendedProfile({ profile }: ProfileScene): FoundHold | undefined {
  return profile.spec.suspend ? seeing('ProfileSuspended', `The IntegrationProfile ${profile.metadata.name} is suspended: its data grow old. Set spec.suspend of it to false to go on.`) : undefined;
}

function notPublished({ profile }: ProfileScene): FoundHold | undefined {
  if (profile.status?.state === 'Published') return undefined;
  return seeing('ProfileNotPublished', `The IntegrationProfile ${profile.metadata.name} is not published. Its conditions say what is missing.`);
}

function missingModel({ rule }: ProfileScene): FoundHold | undefined {
  if (rule.identifiers === undefined || rule.identifiers.size > 0) return undefined;
  const { name = '' } = rule.spec.softwareModelRef ?? {};
  return seeing('ModelNotFound', `There is no SoftwareModel ${name} of the profile in this namespace, so the rule is for nobody. Change spec.softwareModelRef.`);
}

function invalidCondition({ rule }: ProfileScene): FoundHold | undefined {
  if (rule.spec.condition === undefined) return undefined;
  const compiled = compileCondition(rule.spec.condition);
  if (!('problem' in compiled)) return undefined;
  const message = `spec.condition: ${compiled.problem}`.slice(0, 1024);
  return compiled.isTooExpensive ? seeing('ConditionTooExpensive', message) : seeing('ConditionInvalid', message);
}

function invalidThreshold({ rule }: ProfileScene): FoundHold | undefined {
  const problem = findThresholdProblem(rule.spec);
  return problem === undefined ? undefined : seeing('ThresholdInvalid', problem);
}

function noActivity({ profile }: ProfileScene): FoundHold | undefined {
  if (profile.spec.downloadActivity) return undefined;
  return blind('ActivityNotDownloaded', `The IntegrationProfile ${profile.metadata.name} does not download activity, so nobody can be told to be inactive. Set spec.downloadActivity of it to true.`);
}

function refreshing(scene: ProfileScene): FoundHold | undefined {
  return scene.refreshing ? passing('RefreshRunning', refreshTexts.running) : undefined;
}

function halfWritten(scene: ProfileScene): FoundHold | undefined {
  return scene.halfWritten ? passing('RefreshHalfWritten', refreshTexts.halfWritten) : undefined;
}

function neverRefreshed({ profile }: ProfileScene): FoundHold | undefined {
  const missing = runsOf(profile).find(({ result }) => result?.lastSuccessTime === undefined && result?.result !== 'Failed');
  return missing === undefined ? undefined : passing('NeverRefreshed', `No refresh of the ${missing.name} has succeeded yet.`);
}

function failedRefresh({ profile }: ProfileScene): FoundHold | undefined {
  const failed = runsOf(profile).find(({ result }) => result?.result !== 'Succeeded' || result.lastSuccessTime === undefined);
  if (failed === undefined) return undefined;
  const message = `The last refresh of the ${failed.name} failed: what is missing from it is not absence, nor inactivity. status.refresh of the IntegrationProfile ${profile.metadata.name} says why.`;
  const kind = failed.result?.failureKind ?? 'Terminal';
  return kind === 'Terminal' ? blind('RefreshFailed', message) : passing('RefreshFailed', message);
}

function otherConnection({ profile }: ProfileScene): FoundHold | undefined {
  const { subscriptions, activity } = profile.status?.refresh ?? {};
  if (subscriptions?.connection === activity?.connection) return undefined;
  return passing('ConnectionChanged', 'The activity was downloaded through another connection than the subscriptions, so it may be of other people. The next refresh of the activity ends that.');
}

function notWatched({ profile, rule, watches }: ProfileScene): FoundHold | undefined {
  if (rule.spec.licenseRoleGroups.some((group) => watches.has(group))) return undefined;
  const wished = rule.spec.activitySignals ?? profile.spec.activitySignals;
  const names = wished.join(', ');
  const missing = wished.filter((name) => !profile.spec.activitySignals.includes(name));
  const why = missing.length > 0
    ? `${missing.join(', ')} is not among spec.activitySignals of the IntegrationProfile ${profile.metadata.name}. Enable it there, or take it out of the rule`
    : `the signals of the rule (${names}) were not all available, have nothing complete yet, or see nobody of spec.licenseRoleGroups. status.refresh.activity.signals of the IntegrationProfile ${profile.metadata.name} says which`;
  return blind('SignalsNotWatched', `Nobody whom the rule covers is watched by its signals: ${why}.`);
}

function staleData({ profile, rule, watches, now }: ProfileScene): FoundHold | undefined {
  const hours = rule.spec.maxDataAgeHours;
  const isOld = runsOf(profile).some(({ result }) => isStale(toMs(result?.lastSuccessTime), now, hours * hourMs));
  // Nobody is called unused in the position by older evidence, whatever the rule allows.
  const leastEnd = now - Math.min(hours * hourMs + lagMs, maxEvidenceAgeMs);
  if (!isOld && [...watches.values()].every(({ to }) => to >= leastEnd)) return undefined;
  return blind('DataStale', `The subscriptions or their activity are older than ${hours} hours (spec.maxDataAgeHours), or than seven days: a data source that died is not inactivity. See status.refresh of the IntegrationProfile ${profile.metadata.name}.`);
}

/** Not known counts as old: so does a time to come. */
function isStale(at: number | undefined, now: number, maxAgeMs: number): boolean {
  return at === undefined || !(now - at <= maxAgeMs) || at > now + skewMs;
}

function shortHistory({ rule, watches }: ProfileScene): FoundHold | undefined {
  const days = rule.spec.lastActivityThresholdDays;
  if ([...watches.values()].some((watch) => reachesOver(watch, days))) return undefined;
  return seeing(
    'InsufficientHistory',
    `The evidence reaches back over fewer than the ${days} days of spec.lastActivityThresholdDays: nobody can be told to be inactive for so long. Wait, lower the threshold, or let the profile look back further (spec.maxLookBackDays and spec.analyzeUserActivityFrom of it).`,
  );
}

function reachesOver({ from, to }: Watch, days: number): boolean {
  return to - from >= days * dayMs;
}

function runsOf({ status }: IntegrationProfile) {
  return [
    { name: 'subscriptions', result: status?.refresh?.subscriptions },
    { name: 'activity', result: status?.refresh?.activity },
  ];
}

/** A person has to act; what the evidence would say may be shown. */
function seeing(reason: string, message: string): FoundHold {
  return { hold: { reason, message, needsPerson: true }, isBlind: false };
}

/** A person has to act, and the evidence says nothing until then. */
function blind(reason: string, message: string): FoundHold {
  return { hold: { reason, message, needsPerson: true }, isBlind: true };
}

/** It passes by itself, and the evidence says nothing until then. */
function passing(reason: string, message: string): FoundHold {
  return { hold: { reason, message, needsPerson: false }, isBlind: true };
}
