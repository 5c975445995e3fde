import type { ActivityAges, UseClass } from '../../api/license-position.ts';
import type { Seat, Watch } from './facts.ts';

const dayMs = 86_400_000;
/** How long an invitation may wait before it counts as unused (C17). */
const invitationGraceMs = 30 * dayMs;

export interface UseContext {
  /** Evidence on the people of the seat's role group; undefined = there is none that is complete (guard 6). */
  readonly watch: Watch | undefined;
  /** Days without activity that make a right stale. */
  readonly thresholdDays: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * What the use of one right is (L33, C17), by the first of these that holds:
 * 1. an invitation that was not accepted in 30 days: PendingInvitation (C17); a newer one: New;
 * 2. activity at the beginning of the threshold or later: Active. What was seen counts, however little is watched;
 * 3. nobody watches the role group: Unknown (T3);
 * 4. never active, and assigned within the threshold, or, where the date is hidden, first seen within it: New (C1, L17);
 * 5. the evidence on this person does not reach back over the whole threshold: Unknown (guard 6);
 * 6. active before the threshold: Stale; never: NeverUsed. Anything else, such as activity that was not looked for: Unknown.
 *
 * The threshold ends when the evidence does, not now: nobody is stale for days on which nobody looked.
 *
 * A missing date of assignment, as where licences are hidden (T6), protects for the whole threshold from the first refresh that found the
 * person: the evidence of the first pull reaches back to before anybody knew of them.
 */
export function classifyUse(seat: Seat, { watch, thresholdDays, now }: UseContext): UseClass {
  if (seat.pending) return isRecent(seat, now - invitationGraceMs) ? 'New' : 'PendingInvitation';
  const since = (watch?.to ?? now) - thresholdDays * dayMs;
  const last = seat.activity === 'Recorded' ? seat.lastActivity : undefined;
  if (last !== undefined && last >= since) return 'Active';
  return watch === undefined ? 'Unknown' : judgeInactive(seat, watch, since);
}

/** Whether the seat is younger than that; one whose date of assignment is hidden is as old as it has been known here (C1). */
function isRecent({ assignedAt, firstSeen }: Seat, since: number): boolean {
  return (assignedAt ?? firstSeen ?? -Infinity) > since;
}

/** Of a seat without activity since that time. */
function judgeInactive(seat: Seat, watch: Watch, since: number): UseClass {
  const { activity, lastActivity, evidenceFrom } = seat;
  if (activity === 'Never' && isRecent(seat, since)) return 'New';
  if (watch.from > since || evidenceFrom === undefined || evidenceFrom > since) return 'Unknown';
  if (activity === 'Never') return 'NeverUsed';
  return activity === 'Recorded' && lastActivity !== undefined ? 'Stale' : 'Unknown';
}

/** Which column of the histogram the last activity belongs to; undefined = none was seen. Exactly 30 days are still `upTo30`. */
export function ageBucket(lastActivity: number | undefined, asOf: number): keyof ActivityAges {
  if (lastActivity === undefined) return 'none';
  const days = (asOf - lastActivity) / dayMs;
  if (days <= 30) return 'upTo30';
  if (days <= 60) return 'upTo60';
  return days <= 90 ? 'upTo90' : 'over90';
}
