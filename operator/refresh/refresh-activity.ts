import { apiVersion } from '../api/group.ts';
import { conflict, OperatorError } from '../api/errors.ts';
import type { RefreshResult } from '../api/integration-profile.ts';
import {
  softwareSubscriptionResource,
  type RoleGroup,
  type SoftwareSubscription,
  type SoftwareSubscriptionStatus,
} from '../api/software-subscription.ts';
import {
  decideActivity,
  foldObservations,
  sameActivity,
  type Activity,
  type ActivityStatus,
  type Evidence,
} from '../licensing/activity-fold.ts';
import { readRecordedWindow, resolveWindow, type PullWindow } from '../licensing/activity-window.ts';
import { storedUserId } from '../licensing/subscription-facts.ts';
import { SubscriptionTally } from '../licensing/subscription-summary.ts';
import type { ActivityObservation, ActivitySignal } from '../providers/provider.ts';
import { defaultConcurrency, type Progress, type RefreshDependencies } from './dependencies.ts';
import type { RefreshSubject } from './gather.ts';
import { retryTransient } from './retry.ts';
import { runTogether } from './run-together.ts';
import { isOwned, readStored } from './stored-subscriptions.ts';
import { rethrowPurely } from './subscription-writer.ts';
import { writeConcurrently } from './write-concurrently.ts';

/** Field manager of the statuses that the activity refresh writes. */
export const activityManager = 'saaslicense-refresh-activity';
/** Signals of every profile for now (L1, S39); others are for rules to ask for (T18). */
const enabledSignals: readonly string[] = ['OnCall'];
/** How often a status that somebody else keeps writing is read and folded again. */
const foldTries = 5;

/** What a succeeded run adds to its result. */
export type ActivitySummary = Pick<RefreshResult, 'counts' | 'activityWindow'>;

/** What is kept of a stored subscription while the observations go by. */
interface KeptStatus {
  readonly name: string;
  readonly resourceVersion: string;
  readonly externalUserId: string;
  readonly roleGroup: RoleGroup;
  readonly invitationPending: boolean;
  readonly status: SoftwareSubscriptionStatus | undefined;
}

interface Run {
  readonly dependencies: RefreshDependencies;
  readonly progress: Progress;
  /** Told the window as soon as it is accepted, so that a failed run can record a chosen start. */
  readonly onWindow: (window: PullWindow) => void;
}

/**
 * Brings `status` of the profile's SoftwareSubscriptions up to the activity that the vendor saw: pulls the
 * whole window, folds it into the latest per person, and writes only what changed and only forward (L18).
 */
export async function refreshActivity(subject: RefreshSubject, run: Run): Promise<ActivitySummary> {
  const window = chooseWindow(subject, run);
  const { dependencies } = run;
  const signals = subject.provider.signals.filter((signal) => enabledSignals.includes(signal.name));
  const [stored, latest] = await runTogether(
    (signal) => readStored(subject.profile, compact, { ...dependencies, signal }),
    (signal) => pull(subject, { window, signals, signal }),
    dependencies.signal,
  );
  const evidence: Evidence = { signals, pullFrom: window.pullFrom, continues: window.continues };
  const counts = new SubscriptionTally();
  const decide = (kept: KeptStatus): ActivityStatus =>
    decideActivity(kept.status, { roleGroup: kept.roleGroup, observed: latest.get(kept.externalUserId) }, evidence);
  for (const kept of stored) counts.add({ activity: decide(kept).activity, invitationPending: kept.invitationPending });
  const changed = stored.values().filter((kept) => !sameActivity(kept.status, decide(kept)));
  await writeConcurrently(changed, (kept) => write(kept, { subject, run, decide }), {
    concurrency: dependencies.concurrency ?? defaultConcurrency,
    signal: dependencies.signal,
  });
  return { counts: counts.finish(), activityWindow: { from: toTime(window.from), to: toTime(window.pullTo) } };
}

function chooseWindow({ profile }: RefreshSubject, run: Run): PullWindow {
  const decision = resolveWindow({
    analyzeFrom: profile.spec.analyzeUserActivityFrom,
    maxLookBackDays: profile.spec.maxLookBackDays,
    recorded: readRecordedWindow(profile.status?.refresh?.activity?.activityWindow),
    now: run.dependencies.clock.now(),
  });
  if ('failure' in decision) throw new OperatorError(decision.failure);
  run.onWindow(decision.window);
  return decision.window;
}

async function pull(
  { provider, session }: RefreshSubject,
  wanted: { window: PullWindow; signals: readonly ActivitySignal[]; signal: AbortSignal },
): Promise<ReadonlyMap<string, Activity>> {
  const latest = new Map<string, Activity>();
  const { pullFrom: from, pullTo: to } = wanted.window;
  if (from >= to) return latest;
  const pulls = wanted.signals.map(({ name }) => ({ signal: name, window: { from, to } }));
  for await (const page of provider.activity(pulls, { ...session, signal: wanted.signal })) {
    if (page.kind === 'Observations') foldObservations(latest, asStored(page.observations));
  }
  return latest;
}

function* asStored(page: readonly ActivityObservation[]): Generator<ActivityObservation> {
  for (const one of page) yield { ...one, externalUserId: storedUserId(one.externalUserId) };
}

function compact({ metadata, spec, status }: SoftwareSubscription): KeptStatus {
  return {
    name: metadata.name,
    resourceVersion: metadata.resourceVersion ?? '',
    externalUserId: spec.externalUserId,
    roleGroup: spec.roleGroup,
    invitationPending: spec.invitationPending,
    status,
  };
}

interface WriteContext {
  readonly subject: RefreshSubject;
  readonly run: Run;
  readonly decide: (kept: KeptStatus) => ActivityStatus;
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

function toTime(at: number): string {
  return new Date(at).toISOString();
}
