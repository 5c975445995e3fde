import type { ClassicSchedule, Layer, Restriction, ShiftEvent, ShiftSchedule } from './company.ts';
import { DAY_MS, WEEK_MS } from './company.ts';
import type { Interval } from './intervals.ts';
import { intersect, merge, overlaps, subtract } from './intervals.ts';
import type { TimeZones } from './time-zones.ts';

/** One person's turn, never cut by the window that was asked for. `end` Infinity = does not go off call. */
export interface Shift extends Interval {
  readonly userId: string;
  /** Index of the layer, -1 for an override; the rotation's id for a shift-based schedule. */
  readonly source: number | string;
}

/** The shifts of a schedule that overlap the window, soonest first. */
export function listShifts(schedule: ClassicSchedule | ShiftSchedule, window: Interval, zones: TimeZones): Shift[] {
  const shifts = schedule.kind === 'classic' ? classicShifts(schedule, window, zones) : eventShifts(schedule, window);
  return shifts.sort((a, b) => a.start - b.start || a.end - b.end || (a.userId < b.userId ? -1 : 1));
}

/** Everybody whom the schedule names, whether or not a turn comes. */
export function membersOf(schedule: ClassicSchedule | ShiftSchedule): Set<string> {
  if (schedule.kind === 'classic') {
    const overridden = schedule.overrides.map((override) => override.userId);
    return new Set([...schedule.layers.flatMap((layer) => layer.userIds), ...overridden]);
  }
  const members = schedule.rotations.flatMap((rotation) => rotation.events.flatMap((event) => event.members));
  return new Set(members.filter((member) => member !== null));
}

/** Those whom it names for now or later: not in layers and rotations that have ended, nor in overrides that are over. */
export function currentMembersOf(schedule: ClassicSchedule | ShiftSchedule, now: number): Set<string> {
  const lasts = (end: number | null): boolean => end === null || end > now;
  if (schedule.kind === 'classic') {
    const overrides = schedule.overrides.filter(({ end }) => lasts(end));
    return membersOf({ ...schedule, layers: schedule.layers.filter(({ end }) => lasts(end)), overrides });
  }
  const rotations = schedule.rotations.map((rotation) => ({ ...rotation, events: rotation.events.filter(({ effectiveUntil }) => lasts(effectiveUntil)) }));
  return membersOf({ ...schedule, rotations });
}

function classicShifts(schedule: ClassicSchedule, window: Interval, zones: TimeZones): Shift[] {
  const endless = endlessShift(schedule);
  if (endless !== undefined) return overlaps(endless, window) ? [endless] : [];
  const shifts: Shift[] = schedule.overrides
    .filter((override) => overlaps(override, window))
    .map((override) => ({ userId: override.userId, start: override.start, end: override.end, source: -1 }));
  for (const [index, layer] of schedule.layers.entries()) {
    for (const turn of layerTurns(layer, { timeZone: schedule.timeZone, window, zones })) {
      const covers: Interval[] = [...schedule.overrides];
      for (const above of schedule.layers.slice(index + 1)) {
        covers.push(...layerTurns(above, { timeZone: schedule.timeZone, window: turn, zones }));
      }
      const visible = subtract(turn, covers).filter((piece) => overlaps(piece, window));
      shifts.push(...visible.map((piece) => ({ ...piece, userId: turn.userId, source: index })));
    }
  }
  return shifts;
}

/** A lone person on a lone layer round the clock does not go off call: one shift without an end. */
function endlessShift(schedule: ClassicSchedule): Shift | undefined {
  const [layer, second] = schedule.layers;
  const simple = layer !== undefined && second === undefined && schedule.overrides.length === 0;
  if (!simple || layer.end !== null || layer.restrictions.length > 0) return undefined;
  const [userId] = layer.userIds;
  if (userId === undefined || layer.userIds.some((other) => other !== userId)) return undefined;
  return { userId, start: layer.start, end: Number.POSITIVE_INFINITY, source: 0 };
}

interface TurnQuery {
  readonly timeZone: string;
  readonly window: Interval;
  readonly zones: TimeZones;
}

/** The layer's own turns (whole, cut only by its restrictions and its life) that overlap the window. */
export function layerTurns(layer: Layer, query: TurnQuery): Shift[] {
  const turnMs = layer.turnSeconds * 1000;
  const life = { start: layer.start, end: layer.end ?? Number.POSITIVE_INFINITY };
  const reach = intersect(life, { start: query.window.start, end: Math.max(query.window.end, query.window.start + 1) });
  const turns: Shift[] = [];
  if (reach === undefined || layer.userIds.length === 0) return turns;
  const first = Math.floor((reach.start - layer.rotationVirtualStart) / turnMs);
  for (let turn = first; layer.rotationVirtualStart + turn * turnMs < reach.end; turn += 1) {
    const start = layer.rotationVirtualStart + turn * turnMs;
    const whole = intersect(life, { start, end: start + turnMs });
    const userId = layer.userIds[modulo(turn, layer.userIds.length)];
    if (whole === undefined || userId === undefined) continue;
    for (const piece of restrict(whole, layer.restrictions, query)) {
      if (overlaps(piece, query.window)) turns.push({ ...piece, userId, source: 0 });
    }
  }
  return turns;
}

function restrict(turn: Interval, restrictions: readonly Restriction[], query: TurnQuery): Interval[] {
  if (restrictions.length === 0) return [turn];
  const allowed = restrictions.flatMap((restriction) => restrictionWindows(turn, restriction, query));
  return merge(allowed).flatMap((window) => intersect(turn, window) ?? []);
}

function restrictionWindows(turn: Interval, restriction: Restriction, query: TurnQuery): Interval[] {
  const windows: Interval[] = [];
  const [hours = 0, minutes = 0, seconds = 0] = restriction.startTimeOfDay.split(':').map(Number);
  const timeOfDay = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  const length = restriction.durationSeconds * 1000;
  const localStart = turn.start + query.zones.offsetMs(query.timeZone, turn.start);
  const firstDay = Math.floor((localStart - length) / DAY_MS) - 1;
  const lastDay = Math.floor((turn.end + DAY_MS) / DAY_MS);
  for (let day = firstDay; day <= lastDay; day += 1) {
    if (restriction.kind === 'weekly' && weekday(day) !== restriction.startDayOfWeek) continue;
    const start = query.zones.instantOf(query.timeZone, day * DAY_MS + timeOfDay);
    windows.push({ start, end: start + length });
  }
  return windows;
}

/** 1 = Monday, of a day counted from 1970-01-01, a Thursday. */
function weekday(day: number): number {
  return modulo(day + 3, 7) + 1;
}

function eventShifts(schedule: ShiftSchedule, window: Interval): Shift[] {
  return schedule.rotations.flatMap((rotation) =>
    rotation.events.flatMap((event) => occurrences(event, window).map((shift) => ({ ...shift, source: rotation.id }))),
  );
}

function occurrences(event: ShiftEvent, window: Interval): Shift[] {
  const period = event.frequency === 'daily' ? DAY_MS : WEEK_MS;
  const life = { start: event.effectiveSince, end: event.effectiveUntil ?? Number.POSITIVE_INFINITY };
  const length = event.end - event.start;
  const shifts: Shift[] = [];
  const first = Math.max(0, Math.floor((window.start - event.start - length) / period));
  for (let count = first; event.start + count * period <= window.end; count += 1) {
    const start = event.start + count * period;
    const whole = intersect(life, { start, end: start + length });
    if (whole === undefined || !overlaps(whole, window)) continue;
    for (const userId of onDuty(event, count)) shifts.push({ ...whole, userId, source: '' });
  }
  return shifts;
}

function onDuty(event: ShiftEvent, occurrence: number): string[] {
  if (event.strategy === 'every-member') return event.members.filter((member) => member !== null);
  const member = event.members[modulo(Math.floor(occurrence / event.shiftsPerMember), event.members.length)];
  return typeof member === 'string' ? [member] : [];
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
