import type { Seat } from '../position/facts.ts';
import type { ReclaimSeat, RuleFacts } from './facts.ts';

/** The activity of a person that counts for a rule. */
export interface CountedActivity {
  readonly activity: ReclaimSeat['activity'];
  /** The latest, with the signal that saw it where that is known; milliseconds since the epoch. */
  readonly last: { readonly at: number; readonly signal: string | undefined } | undefined;
}

/**
 * What counts as activity (C16): what the signals of the rule saw; without a choice, whatever was seen. Who was seen by
 * another signal only was not seen by these, which is `Never` only because readEvidence wants each of them to have watched without a gap.
 */
export function countActivity(seat: ReclaimSeat, { spec }: RuleFacts): CountedActivity {
  const counted = spec.activitySignals;
  const sightings = seat.evidence.filter(({ signal }) => counted?.includes(signal) ?? true);
  let last: CountedActivity['last'];
  for (const one of sightings) if (last === undefined || one.at > last.at) last = one;
  last = laterOf(last, counted === undefined || seat.evidence.length === 0 ? seat.lastActivity : undefined);
  if (last !== undefined) return { activity: 'Recorded', last };
  return { activity: seat.activity === 'Recorded' && counted !== undefined ? 'Never' : seat.activity, last };
}

function laterOf(last: CountedActivity['last'], at: number | undefined): CountedActivity['last'] {
  return at === undefined || (last !== undefined && last.at >= at) ? last : { at, signal: undefined };
}

/** The seat with the activity that counts for the rule and no other, as the position's classification takes it. */
export function withCountedActivity(seat: ReclaimSeat, { activity, last }: CountedActivity): Seat {
  const { activity: _activity, lastActivity: _last, ...facts } = seat;
  return { ...facts, ...(activity === undefined ? {} : { activity }), ...(last === undefined ? {} : { lastActivity: last.at }) };
}
