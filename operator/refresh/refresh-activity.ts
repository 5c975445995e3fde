import { apiVersion } from '../api/group.ts';
import { conflict, OperatorError } from '../api/errors.ts';
import type { RefreshResult } from '../api/integration-profile.ts';
import {
  softwareSubscriptionResource,
  type SoftwareSubscription,
  type SoftwareSubscriptionStatus,
} from '../api/software-subscription.ts';
import { decideActivity, sameActivity, type ActivityStatus, type Evidence, type WatchedPerson } from '../licensing/activity-fold.ts';
import { summariseWindow, type ConcludedSignal } from '../licensing/activity-signals.ts';
import type { AnalysisStart } from '../licensing/activity-window.ts';
import { SubscriptionTally } from '../licensing/subscription-summary.ts';
import { isOwned } from '../licensing/subscription-owner.ts';
import { acceptedUnknownPeople, concludeActivity, planActivity, pullActivity, type PulledActivity } from './activity-pull.ts';
import { defaultConcurrency, type Progress, type RefreshDependencies } from './dependencies.ts';
import type { RefreshSubject } from './gather.ts';
import { retryTransient } from './retry.ts';
import { runTogether } from './run-together.ts';
import { readStored } from './stored-subscriptions.ts';
import { rethrowPurely } from './subscription-writer.ts';
import { writeConcurrently } from './write-concurrently.ts';

/** Field manager of the statuses that the activity refresh writes. */
export const activityManager = 'saaslicense-refresh-activity';
/** How often a status that somebody else keeps writing is read and folded again. */
const foldTries = 5;

/** What a succeeded run adds to its result. */
export type ActivitySummary = Pick<RefreshResult, 'counts' | 'activityWindow' | 'signals'>;

/** What is kept of a stored subscription while the observations go by. */
interface KeptStatus extends WatchedPerson {
  readonly name: string;
  readonly resourceVersion: string;
  readonly invitationPending: boolean;
  readonly status: SoftwareSubscriptionStatus | undefined;
}

interface Run {
  readonly dependencies: RefreshDependencies;
  readonly progress: Progress;
  /** Told the start as soon as it is accepted, so that a failed run can record a chosen one. */
  readonly onStart: (start: AnalysisStart) => void;
  /** Throws when what the pull relied on is no longer so; to be called before the first write. */
  readonly confirm: () => Promise<void>;
}

/**
 * Brings `status` of the profile's SoftwareSubscriptions up to the activity that the vendor saw: pulls every
 * enabled signal in its own window, folds it into the latest per person and signal, and writes only what changed and
 * only forward (L18).
 */
export async function refreshActivity(subject: RefreshSubject, run: Run): Promise<ActivitySummary> {
  const { dependencies } = run;
  const { start, pulls, continues } = planActivity(subject, dependencies.clock.now());
  run.onStart(start);
  const [stored, pulled] = await runTogether(
    (signal) => readStored(subject.profile, compact, { ...dependencies, signal }),
    (signal) => pullActivity(subject, pulls, signal),
    dependencies.signal,
  );
  const knownIds = new Set(stored.map((kept) => kept.externalUserId));
  const signals = concludeActivity(pulls, pulled, { knownIds, accepted: acceptedUnknownPeople(subject) });
  await run.confirm();
  const counts = await writeStatuses(stored, decideBy(pulled, { signals, sameConnection: continues }), { subject, run });
  return { counts, ...summarise(signals) };
}

type Decide = (kept: KeptStatus) => ActivityStatus;

function decideBy({ latest }: PulledActivity, evidence: Evidence): Decide {
  return (kept) => decideActivity(kept.status, { ...kept, sightings: latest.get(kept.externalUserId) ?? [] }, evidence);
}

async function writeStatuses(stored: readonly KeptStatus[], decide: Decide, { subject, run }: Omit<WriteContext, 'decide'>): Promise<RefreshResult['counts']> {
  const counts = new SubscriptionTally();
  for (const kept of stored) counts.add({ activity: decide(kept).activity, invitationPending: kept.invitationPending });
  const changed = stored.values().filter((kept) => !sameActivity(kept.status, decide(kept)));
  await writeConcurrently(changed, (kept) => write(kept, { subject, run, decide }), {
    concurrency: run.dependencies.concurrency ?? defaultConcurrency,
    signal: run.dependencies.signal,
  });
  return counts.finish();
}

function summarise(signals: readonly ConcludedSignal[]): Pick<ActivitySummary, 'activityWindow' | 'signals'> {
  const activityWindow = summariseWindow(signals);
  return { ...(activityWindow === undefined ? {} : { activityWindow }), signals: signals.map(({ result }) => result) };
}

function compact({ metadata, spec, status }: SoftwareSubscription): KeptStatus {
  return {
    name: metadata.name,
    resourceVersion: metadata.resourceVersion ?? '',
    externalUserId: spec.externalUserId,
    roleGroup: spec.roleGroup,
    invitationPending: spec.invitationPending,
    status,
    ...(spec.personSince === undefined ? {} : { personSince: Date.parse(spec.personSince) }),
  };
}

interface WriteContext {
  readonly subject: RefreshSubject;
  readonly run: Run;
  readonly decide: Decide;
}

async function write(kept: KeptStatus, context: WriteContext): Promise<void> {
  await retryTransient(() => fold(kept, context), context.run.dependencies).catch(rethrowPurely);
}

/**
 * Writes on the condition that nobody wrote since it was read; otherwise reads that one and folds again, so
 * a concurrent run can never move an activity back.
 */
async function fold(kept: KeptStatus, context: WriteContext): Promise<void> {
  let current: KeptStatus | undefined = kept;
  for (let tried = 0; tried < foldTries && current !== undefined; tried += 1) {
    const wanted = context.decide(current);
    if (sameActivity(current.status, wanted)) return;
    if (await applyStatus(current, wanted, context)) return;
    current = await readAgain(kept.name, context);
  }
  if (current !== undefined) throw conflict('A subscription was changed by others again and again while its activity was written.');
}

/** False when somebody else wrote first, or it is gone. */
async function applyStatus(kept: KeptStatus, status: ActivityStatus, { subject, run }: WriteContext): Promise<boolean> {
  const { client, signal } = run.dependencies;
  const metadata = { name: kept.name, namespace: subject.profile.metadata.namespace ?? '', resourceVersion: kept.resourceVersion };
  const object = { apiVersion, kind: softwareSubscriptionResource.kind, metadata, status };
  try {
    const options = { fieldManager: activityManager, force: true, subresource: 'status', signal } as const;
    await client.apply<SoftwareSubscription>(softwareSubscriptionResource, object, options);
  } catch (error) {
    if (error instanceof OperatorError && error.failure.kind === 'Conflict') return false;
    throw error;
  }
  run.progress.updated += 1;
  run.progress.apiWrites += 1;
  return true;
}

/** Undefined when it was deleted or made anew by another profile: then there is nothing to write. */
async function readAgain(name: string, { subject, run }: WriteContext): Promise<KeptStatus | undefined> {
  const { client, signal } = run.dependencies;
  const key = { namespace: subject.profile.metadata.namespace ?? '', name };
  const found = await client.get<SoftwareSubscription>(softwareSubscriptionResource, key, { signal });
  return found !== undefined && isOwned(found, subject.profile) ? compact(found) : undefined;
}
