import type { RoleGroup, SoftwareSubscriptionStatus } from '../api/software-subscription.ts';
import { canonicalText } from './hash.ts';

/** Activity of one person at one time, as a signal saw it; the shape of a provider's ActivityObservation. */
export interface Observation {
  readonly externalUserId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly signal: string;
  readonly source: string;
}

/** Latest activity of one person that one signal saw. */
export interface Sighting {
  readonly signal: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly source: string;
}

/** Latest activity of each person by each signal. */
export type Sightings = Map<string, readonly Sighting[]>;

/** A complete pull of one signal. */
export interface CompletePull {
  /** From when on the evidence of the signal is complete, milliseconds since the epoch. */
  readonly from: number;
  /** Start of this pull; never before `from`. */
  readonly pullFrom: number;
  /** Until when it is complete. */
  readonly to: number;
  /** Whether the evidence of earlier pulls reaches up to this one without a gap. */
  readonly continues: boolean;
  /** People whom the signal looked at, by stored id; undefined = everybody. Of others it proves nothing (guard 6). */
  readonly listed?: ReadonlySet<string>;
}

/** An enabled signal, and its pull; undefined when it could not look (guard 6). */
export interface EnabledSignal {
  readonly name: string;
  readonly sees: readonly RoleGroup[];
  readonly pull: CompletePull | undefined;
}

/** What one run proves. */
export interface Evidence {
  /** Every signal that the profile enables. */
  readonly signals: readonly EnabledSignal[];
  /** False when what is stored was pulled through another connection: its `evidenceFrom` proves nothing here. */
  readonly sameConnection: boolean;
}

export type StoredEvidence = NonNullable<SoftwareSubscriptionStatus['evidence']>;

/** Whose activity is decided. */
export interface WatchedPerson {
  readonly externalUserId: string;
  readonly roleGroup: RoleGroup;
  /** Since when the seat is this person's, where it was handed over; milliseconds since the epoch. */
  readonly personSince?: number;
}

/** Status of a subscription that activity decides. */
export interface ActivityStatus {
  readonly activity: 'Recorded' | 'Never' | 'Unknown';
  readonly lastActivity?: { readonly time: string; readonly signal: string };
  readonly evidenceFrom?: string;
  readonly evidence?: StoredEvidence;
}

/** Signals that a subscription shows; the schema allows no more. */
export const shownSignals = 8;

/** The later of two sightings. At the same time the first name wins, so that order does not matter. */
export function later(left: Sighting, right: Sighting): Sighting {
  if (left.at !== right.at) return left.at > right.at ? left : right;
  if (left.signal !== right.signal) return left.signal < right.signal ? left : right;
  return left.source <= right.source ? left : right;
}

/**
 * Folds observations into the latest activity per person and signal: in any order, with repeats, in any
 * number of pages the result is the same.
 */
export function foldObservations(latest: Sightings, observations: Iterable<Observation>): void {
  for (const { externalUserId, at, signal, source } of observations) {
    const before = latest.get(externalUserId) ?? [];
    const merged = mergeSighting(before, { signal: signal.slice(0, 64), at, source: source.slice(0, 128) });
    if (merged !== before) latest.set(externalUserId, merged);
  }
}

function latestOf(sightings: readonly Sighting[]): Sighting | undefined {
  const [first, ...rest] = sightings;
  return first === undefined ? undefined : rest.reduce(later, first);
}

/** Sorted by signal; the very same array when nothing changed. */
function mergeSighting(sightings: readonly Sighting[], one: Sighting): readonly Sighting[] {
  const before = sightings.find(({ signal }) => signal === one.signal);
  if (before === undefined) return [...sightings, one].sort((left, right) => (left.signal < right.signal ? -1 : 1));
  const kept = later(before, one);
  return kept === before ? sightings : sightings.map((other) => (other === before ? kept : other));
}

/**
 * Status of a person after a run. What a signal saw is kept for ever, also of signals that are no longer
 * enabled, and is updated only if later (L18). A person who did nothing is `Never` only when a signal sees the
 * role group and every enabled one that does could look and listed the person; otherwise `Unknown`, which is not inactivity (T3, guard 6).
 * Whoever was handed the seat of somebody else begins anew: what was seen and watched before is the former person's (guard 9).
 */
export function decideActivity(
  existing: SoftwareSubscriptionStatus | undefined,
  person: WatchedPerson & { readonly sightings: readonly Sighting[] },
  run: Evidence,
): ActivityStatus {
  const isOwn = ({ at }: Sighting): boolean => at >= (person.personSince ?? -Infinity);
  const known = person.sightings.filter(isOwn).reduce(mergeSighting, recordedSightings(existing).filter(isOwn));
  const last = latestOf([...known, ...recordedActivity(existing).filter(isOwn)]);
  const { couldLook, evidenceFrom } = judgeWatch(existing?.evidenceFrom, person, run);
  return {
    activity: last === undefined ? (couldLook ? 'Never' : 'Unknown') : 'Recorded',
    ...(last === undefined ? {} : { lastActivity: { time: toTime(last.at), signal: last.signal } }),
    ...(evidenceFrom === undefined ? {} : { evidenceFrom: toTime(evidenceFrom) }),
    ...(known.length === 0 ? {} : { evidence: toStored(known) }),
  };
}

/** Whether every enabled signal that sees the role group looked at this very person, and since when. */
function judgeWatch(
  recorded: string | undefined,
  { externalUserId: id, roleGroup, personSince = -Infinity }: WatchedPerson,
  run: Evidence,
): { readonly couldLook: boolean; readonly evidenceFrom: number | undefined } {
  const seeing = run.signals.filter((signal) => signal.sees.includes(roleGroup));
  const isLeftOut = seeing.some(({ pull }) => pull !== undefined && !lists(pull, id));
  // The gap of a person who was left out is not pulled again, for the signal itself was there: the evidence begins anew.
  if (seeing.length === 0 || isLeftOut) return { couldLook: false, evidenceFrom: undefined };
  const couldLook = seeing.every((signal) => signal.pull !== undefined);
  const start = startOfEvidence(recorded, { ...run, couldLook }, id);
  return { couldLook, evidenceFrom: start === undefined ? undefined : Math.max(start, personSince) };
}

export function sameActivity(existing: SoftwareSubscriptionStatus | undefined, wanted: ActivityStatus): boolean {
  if (existing === undefined) return false;
  const { activity, lastActivity, evidenceFrom, evidence = [] } = existing;
  return canonicalText({ activity, lastActivity, evidenceFrom, evidence }) === canonicalText({ ...wanted, evidence: wanted.evidence ?? [] });
}

/**
 * Since when every signal that could look has watched this person. It is a person's own: someone of whom there was no
 * subscription during earlier pulls has been watched only since this one. A person whom a signal should see that could
 * not look keeps the start that was known, for that signal's gap is pulled when it is back, and gets no new one.
 */
function startOfEvidence(recorded: string | undefined, run: Evidence & { readonly couldLook: boolean }, id: string): number | undefined {
  const time = recorded === undefined || !run.sameConnection ? Number.NaN : Date.parse(recorded);
  const before = Number.isNaN(time) ? undefined : time;
  const starts = run.signals.flatMap(({ pull }) => (pull === undefined ? [] : [lists(pull, id) ? startOfSignal(before, pull) : pull.to]));
  if (run.couldLook) return Math.max(...starts);
  return before === undefined ? undefined : Math.max(before, ...starts);
}

function lists({ listed }: CompletePull, id: string): boolean {
  return listed === undefined || listed.has(id);
}

/** What was known before counts as far as the signal's own evidence goes. */
function startOfSignal(before: number | undefined, { from, pullFrom, continues }: CompletePull): number {
  return continues && before !== undefined ? Math.max(from, Math.min(before, pullFrom)) : pullFrom;
}

function recordedSightings(existing: SoftwareSubscriptionStatus | undefined): readonly Sighting[] {
  const all = (existing?.evidence ?? []).map(({ signal, time, source }) => ({ signal, at: Date.parse(time), source }));
  return all.filter(({ at }) => !Number.isNaN(at)).sort((left, right) => (left.signal < right.signal ? -1 : 1));
}

/** Where it came from is not recorded with it, so it is no sighting to store. */
function recordedActivity(existing: SoftwareSubscriptionStatus | undefined): Sighting[] {
  const recorded = existing?.lastActivity;
  const at = recorded === undefined ? Number.NaN : Date.parse(recorded.time);
  return recorded === undefined || Number.isNaN(at) ? [] : [{ at, signal: recorded.signal, source: '' }];
}

/** The latest of them where there are too many to store. */
function toStored(sightings: readonly Sighting[]): StoredEvidence {
  const latest = sightings.length <= shownSignals ? sightings : [...sightings].sort((left, right) => right.at - left.at).slice(0, shownSignals);
  return sightings.filter((one) => latest.includes(one)).map(({ signal, at, source }) => ({ signal, time: toTime(at), source }));
}

function toTime(at: number): string {
  return new Date(at).toISOString();
}
