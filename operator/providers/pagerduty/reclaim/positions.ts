import { parseInstant } from '../schemas.ts';
import { known } from './checked.ts';
import type { Places } from './gather.ts';
import type { ScheduleRow, ShiftScheduleRow } from './schemas.ts';

/** A place that somebody had, for the people who may put them back. */
export interface Position {
  readonly kind: 'Schedule' | 'ShiftSchedule' | 'EscalationPolicy';
  readonly id: string;
  readonly name: string;
  readonly detail: string;
}

interface NamedLayer {
  readonly name: string;
  /** From 1. */
  readonly place: number;
  /** Milliseconds since the epoch; undefined = goes on. */
  readonly end: number | undefined;
}

/** Layers of a classic schedule that somebody is in, ended ones too. */
export function layersOf(row: ScheduleRow, id: string): NamedLayer[] {
  return (row.schedule_layers ?? []).flatMap((layer) => {
    const place = (layer.users ?? []).findIndex(({ user }) => user?.id === id) + 1;
    if (place === 0) return [];
    const end = typeof layer.end === 'string' ? parseInstant(layer.end, '/schedules', 'schedules.schedule_layers.end') : undefined;
    return [{ name: layer.name ?? 'a layer', place, end }];
  });
}

/** True where the value is the id, or holds it anywhere, whatever the field is called. */
export function mentions(value: unknown, id: string): boolean {
  if (typeof value === 'string') return value === id;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((part: unknown) => mentions(part, id));
}

type ShiftEvent = ShiftScheduleRow['rotations'][number]['events'][number];

/** Whether a shift-based schedule names somebody anywhere but in events that have ended. */
export function holdsNow(schedule: ShiftScheduleRow, id: string, now: number): boolean {
  const { rotations, ...rest } = schedule;
  const current = rotations.map(({ events, ...about }) => ({ ...about, events: events.filter((event) => !hasEnded(event, now)) }));
  return mentions(rest, id) || mentions(current, id);
}

function hasEnded({ effective_until: until }: ShiftEvent, now: number): boolean {
  return typeof until === 'string' && parseInstant(until, '/v3/schedules/{id}', 'schedule.rotations.events.effective_until') <= now;
}

/** Every position of somebody that can be read, ended ones too (D4): there is none other where nothing blocks. */
export function listPositions(places: Places, id: string): Position[] {
  return [...classicPositions(places, id), ...shiftPositions(places, id), ...policyPositions(places, id)];
}

function classicPositions({ schedules }: Places, id: string): Position[] {
  return (known(schedules) ?? []).flatMap((row) =>
    layersOf(row, id).map(({ name, place, end }): Position => {
      const state = end === undefined ? '' : `, ended ${new Date(end).toISOString()}`;
      return { kind: 'Schedule', id: row.id, name: row.name ?? row.summary ?? row.id, detail: `${name}, place ${place}${state}` };
    }),
  );
}

function shiftPositions({ shiftSchedules }: Places, id: string): Position[] {
  return (known(shiftSchedules)?.read ?? []).flatMap((schedule) => {
    const events = schedule.rotations.flatMap((rotation) => rotation.events.filter((event) => mentions(event, id)));
    return events.map((event): Position => {
      const state = typeof event.effective_until === 'string' ? `, until ${event.effective_until}` : '';
      return { kind: 'ShiftSchedule', id: schedule.id, name: schedule.name ?? schedule.summary ?? schedule.id, detail: `${event.name ?? 'an event'}${state}` };
    });
  });
}

function policyPositions({ policies }: Places, id: string): Position[] {
  return (known(policies) ?? []).flatMap((row) =>
    (row.escalation_rules ?? []).flatMap((rule, at): Position[] =>
      mentions(rule, id) ? [{ kind: 'EscalationPolicy', id: row.id, name: row.name ?? row.summary ?? row.id, detail: `level ${at + 1}` }] : [],
    ),
  );
}
