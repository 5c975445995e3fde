import { gunzipSync } from 'node:zlib';
import type { ReclamationRule } from '../../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../../operator/api/removal-candidate.ts';
import type { SoftwareSubscription } from '../../../operator/api/software-subscription.ts';
import { isAsConfirmed } from '../confirmations.ts';
import { dayMs } from '../subscriptions.ts';
import type { Objects, Witness } from '../witness.ts';
import type { World } from '../world.ts';
import { isDecided, isKeepWished } from './decided.ts';
import { isWatched, staleness, whyNot } from './use.ts';

/** What changed within so many milliseconds before a write could not be seen any more: the guards' last reading, the longest claim, and clocks that differ. */
export const slackMs = 240_000;

export interface AtWrite {
  readonly world: World;
  readonly seen: Witness;
  readonly objects: Objects;
  readonly candidate: RemovalCandidate;
  readonly rule: ReclamationRule;
  readonly subscription: SoftwareSubscription | undefined;
}

type Check = (at: AtWrite) => boolean;

/** Guards 1, 2 and 6 and D1, D4, D7, from our own objects: by name, what must not be true when a write leaves. */
const never: Readonly<Record<string, Check>> = {
  ClockWrong: ({ seen }) => !seen.areClocksRight,
  NotPublished: ({ objects: { profile } }) => profile?.status?.state !== 'Published' || !profile.spec.publish,
  ProfileSuspended: ({ objects: { profile } }) => profile?.spec.suspend !== false,
  ProfileGone: ({ objects: { profile } }) => profile?.metadata.deletionTimestamp !== undefined,
  ReclaimDisabled: ({ objects: { profile } }) => profile?.spec.reclaimSubscriptions !== true,
  RuleSuspended: ({ rule }) => rule.spec.suspend,
  RuleGone: ({ rule }) => rule.metadata.deletionTimestamp !== undefined || rule.spec.profileRef.name !== 'pagerduty',
  NotConfirmed: ({ rule }) => !isAsConfirmed(rule),
  OnlyObserved: ({ rule }) => rule.spec.mode === 'Observe',
  OtherAction: isOtherAction,
  OtherState: ({ candidate }) => candidate.status?.state !== 'AwaitingRevocation',
  NotClaimed: ({ candidate, seen }) => candidate.status?.attempt?.phase !== 'Claimed' || candidate.spec.subject.externalUserId !== seen.person,
  NotDecided: (at) => at.rule.spec.mode !== 'Enforce' && !isDecided(at),
  KeepDecided: ({ candidate }) => ['Keep', 'CloseSkipped', 'CloseComplete'].includes(candidate.spec.decision?.verdict ?? ''),
  KeepWished: isKeepWished,
  NoNotice: isWithoutNotice,
  Frozen: ({ rule, seen }) => isFrozen(rule, seen.at) && isFrozen(rule, seen.at - slackMs),
  NotInPlan: ({ rule, candidate }) => rule.spec.confirmedPlan !== undefined && rule.spec.confirmedPlan !== candidate.status?.planHash,
  OwnedByTerraform: ({ objects: { profile }, seen }) => profile?.spec.ownership?.terraformStates !== undefined && seen.claimed.has(seen.person),
  NotWatched: ({ objects: { profile }, rule }) => !isWatched(profile, rule),
  SubscriptionGone: ({ subscription }) => subscription === undefined || subscription.metadata.deletionTimestamp !== undefined,
  SubscriptionChanged: ({ subscription, candidate: { spec: { subject } } }) => subscription !== undefined && (subscription.spec.role !== subject.role || subscription.spec.subscriptionIdentifier !== subject.subscriptionIdentifier),
  RefreshRunning: ({ objects }) => objects.isRefreshing,
  KeptRecently: isKeptRecently,
  NoBundle: (at) => !hasBundle(at),
  NotRecorded: ({ seen, candidate }) => !seen.records.some(({ spec }) => spec.event === 'WriteIntended' && spec.candidate === candidate.metadata.name && spec.data?.some(({ key, value }) => key === 'attempt' && value === String(candidate.status?.attempt?.number))),
};

export function findInObjects(at: AtWrite): string[] {
  const { objects, rule, subscription, seen } = at;
  const found = Object.entries(never).filter(([, check]) => check(at)).map(([name]) => name);
  const stale = staleness(objects.profile, rule, seen.at - slackMs);
  const leavers = leaversOf(objects, rule);
  const why = subscription === undefined ? undefined : whyNot(subscription, rule, { objects, leavers, now: seen.at });
  return [...found, ...[stale, why].filter((one) => one !== undefined)];
}

export function leaversOf({ secrets }: Objects, { spec }: ReclamationRule): ReadonlySet<string> {
  const encoded = secrets.find(({ metadata }) => metadata.name === spec.leaversRef?.name)?.data?.['people'];
  return new Set(Buffer.from(encoded ?? '', 'base64').toString('utf8').toLowerCase().split('\n').filter((line) => line !== ''));
}

function isOtherAction({ rule: { spec }, candidate: { spec: { subject } }, seen }: AtWrite): boolean {
  const isAsked = seen.method === (subject.action === 'Remove' ? 'DELETE' : 'PUT');
  return !isAsked || spec.action !== subject.action || spec.downgradeTo?.role !== subject.downgradeTo?.role || spec.downgradeTo?.subscriptionIdentifier !== subject.downgradeTo?.subscriptionIdentifier;
}

/** L5, C8: silence counts only after the whole notice was given to this very person, and only their own answer is an answer. */
function isWithoutNotice(at: AtWrite): boolean {
  const { rule: { spec: { notify } }, candidate, seen } = at;
  const { uid } = candidate.metadata;
  if (notify === undefined || notify.daysBeforeAutoReclaim === 0) return false;
  const own = ownAddress(at);
  const answer = seen.answered.findLast((one) => one.uid === uid);
  if (answer?.verdict === 'Release' && answer.from === own) return false;
  if (answer?.verdict === 'Keep' && !isKeepWished(at)) return false;
  const told = seen.sent.find((message) => message.uid === uid && message.kind === 'Notice' && message.audience === 'User' && message.to === own);
  return told === undefined || told.at + notify.daysBeforeAutoReclaim * dayMs > seen.at + slackMs;
}

/** Where the person reads mail, who has the seat at the vendor when the request leaves. */
function ownAddress({ seen, subscription }: AtWrite): string {
  const address = seen.company.users.find(({ id }) => id === seen.person)?.email ?? '';
  return (subscription?.spec.resolvedEmail ?? address).toLowerCase();
}

/** C9: who was kept, whatever statuses say by now; the cool-down is the person's. */
function isKeptRecently({ candidate, rule, seen }: AtWrite): boolean {
  const since = seen.at - rule.spec.keepCooldownDays * dayMs;
  const own = candidate.spec.subject.userPrincipalName?.toLowerCase();
  return seen.kept.some(({ address, at }) => address === own && at > since);
}

function isFrozen({ spec: { freezeWindows = [] } }: ReclamationRule, at: number): boolean {
  return freezeWindows.some(({ from, until }) => Date.parse(from ?? '') <= at && at < Date.parse(until ?? ''));
}

/** D4: what brings the person back lies in a Secret of ours, whatever the status says: one of another attempt may lie beside it. */
function hasBundle({ objects: { secrets }, candidate, seen }: AtWrite): boolean {
  const saved = secrets.filter(({ metadata: { name } }) => name.startsWith(`${candidate.metadata.name}-`) && name.endsWith('-undo'));
  return saved.some(({ data }) => {
    if (data === undefined) return false;
    const bundle = JSON.parse(gunzipSync(Buffer.from(data['bundle.json.gz'] ?? '', 'base64')).toString('utf8')) as { externalUserId: string; takenAt: string };
    return bundle.externalUserId === seen.person && seen.at - Date.parse(bundle.takenAt) <= slackMs;
  });
}
