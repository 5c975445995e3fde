import type { RoleGroup, SoftwareSubscriptionStatus } from '../api/software-subscription.ts';

/** Activity of one person at one time, as a signal saw it; the shape of a provider's ActivityObservation. */
export interface Observation {
  readonly externalUserId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly signal: string;
}

export interface Signal {
  readonly name: string;
  readonly sees: readonly RoleGroup[];
}

/** Latest activity of one person. */
export interface Activity {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly signal: string;
}

/** What a complete pull proves; there is none of an incomplete one (guard 6). */
export interface Evidence {
  /** Signals that were pulled. */
  readonly signals: readonly Signal[];
  /** Start of this pull, milliseconds since the epoch. */
  readonly pullFrom: number;
  /** Whether the evidence of earlier pulls reaches up to this one without a gap. */
  readonly continues: boolean;
}

/** Status of a subscription that activity decides. */
export interface ActivityStatus {
  readonly activity: 'Recorded' | 'Never' | 'Unknown';
  readonly lastActivity?: { readonly time: string; readonly signal: string };
  readonly evidenceFrom?: string;
}

/** The latest of two activities. At the same time the first name of a signal wins, so that order does not matter. */
export function later(left: Activity | undefined, right: Activity | undefined): Activity | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  if (left.at !== right.at) return left.at > right.at ? left : right;
  return left.signal <= right.signal ? left : right;
}

/**
 * Folds observations into the latest activity per person: in any order, with repeats, in any number of
 * pages the result is the same.
 */
export function foldObservations(latest: Map<string, Activity>, observations: Iterable<Observation>): void {
  for (const { externalUserId, at, signal } of observations) {
    const before = latest.get(externalUserId);
    const merged = later(before, { at, signal });
    if (merged !== undefined && merged !== before) latest.set(externalUserId, merged);
  }
}

/**
 * Status of a person after a complete pull. Activity is updated if later and never moves back (L18). A
 * person whom a signal sees is `Never` until activity is seen; one whom none sees stays `Unknown`, which
 * is not inactivity (T3). `evidenceFrom` is a person's own: someone of whom there was no subscription
 * during earlier pulls has been watched only since this one.
 */
export function decideActivity(
  existing: SoftwareSubscriptionStatus | undefined,
  person: { readonly roleGroup: RoleGroup; readonly observed: Activity | undefined },
  evidence: Evidence,
): ActivityStatus {
  const last = later(recordedActivity(existing), person.observed);
  const isSeen = evidence.signals.some((signal) => signal.sees.includes(person.roleGroup));
  const evidenceFrom = isSeen ? { evidenceFrom: startOfEvidence(existing?.evidenceFrom, evidence) } : {};
  if (last === undefined) return { activity: isSeen ? 'Never' : 'Unknown', ...evidenceFrom };
  return { activity: 'Recorded', lastActivity: { time: toTime(last.at), signal: last.signal.slice(0, 64) }, ...evidenceFrom };
}

export function sameActivity(existing: SoftwareSubscriptionStatus | undefined, wanted: ActivityStatus): boolean {
  return (
    existing?.activity === wanted.activity &&
    existing.lastActivity?.time === wanted.lastActivity?.time &&
    existing.lastActivity?.signal === wanted.lastActivity?.signal &&
    existing.evidenceFrom === wanted.evidenceFrom
  );
}

function recordedActivity(existing: SoftwareSubscriptionStatus | undefined): Activity | undefined {
  const recorded = existing?.lastActivity;
  if (recorded === undefined) return undefined;
  const at = Date.parse(recorded.time);
  return Number.isNaN(at) ? undefined : { at, signal: recorded.signal };
}

function startOfEvidence(recorded: string | undefined, evidence: Evidence): string {
  const before = recorded === undefined ? Number.NaN : Date.parse(recorded);
  const holds = evidence.continues && !Number.isNaN(before);
  return toTime(holds ? Math.min(before, evidence.pullFrom) : evidence.pullFrom);
}

function toTime(at: number): string {
  return new Date(at).toISOString();
}
