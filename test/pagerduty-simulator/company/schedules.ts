import type { ClassicSchedule, Layer, ShiftEvent, ShiftSchedule } from './company.ts';
import { DAY_MS, WEEK_MS } from './company.ts';
import type { Making } from './making.ts';

/** A time in which the same people took turns; `end` null = still. */
export interface Era {
  readonly userIds: readonly string[];
  readonly start: number;
  readonly end: number | null;
}

/** A classic schedule: a layer for each era, turns of a week or a day, some with a daytime layer on top. */
export function drawClassic(name: string, teamId: string, eras: readonly Era[], making: Making): ClassicSchedule {
  const { draw } = making;
  const turnSeconds = (draw.chance(0.85) ? WEEK_MS : DAY_MS) / 1000;
  const layers = eras.map((era, index): Layer => ({
    id: draw.id(),
    name: index === eras.length - 1 ? 'Current rotation' : `Rotation until ${new Date(era.end ?? 0).toISOString().slice(0, 10)}`,
    start: era.start,
    end: era.end,
    rotationVirtualStart: era.start,
    turnSeconds,
    userIds: era.userIds,
    restrictions: [],
  }));
  const last = layers.at(-1);
  if (last !== undefined && last.userIds.length > 2 && draw.chance(0.15)) layers.push(dayLayer(last, draw.id()));
  return {
    kind: 'classic',
    id: draw.id(),
    name,
    description: '',
    timeZone: draw.pick(['America/Chicago', 'Europe/Berlin', 'Etc/UTC']),
    teamIds: [teamId],
    layers,
    overrides: drawOverrides(eras, making),
  };
}

/** Office hours of the week's next person, Monday to Friday, over the round-the-clock layer. */
function dayLayer(below: Layer, id: string): Layer {
  const weekdays = [1, 2, 3, 4, 5].map((startDayOfWeek) => ({
    kind: 'weekly' as const,
    startTimeOfDay: '09:00:00',
    durationSeconds: 8 * 3600,
    startDayOfWeek,
  }));
  const userIds = [...below.userIds.slice(1), ...below.userIds.slice(0, 1)];
  return { ...below, id, name: 'Office hours', userIds, restrictions: weekdays };
}

function drawOverrides(eras: readonly Era[], making: Making): ClassicSchedule['overrides'] {
  const current = eras.at(-1);
  if (current === undefined || current.userIds.length < 2 || !making.draw.chance(0.2)) return [];
  const start = Math.floor(making.now / DAY_MS + making.draw.between(-8, 8)) * DAY_MS + 15 * 3_600_000;
  if (start < current.start) return [];
  return [{ userId: making.draw.pick(current.userIds), start, end: start + 4 * 3_600_000 }];
}

/** A shift-based schedule: one rotation with an event for each era. */
export function drawShiftBased(name: string, teamId: string, eras: readonly Era[], making: Making): ShiftSchedule {
  const { draw } = making;
  const frequency = draw.chance(0.85) ? 'weekly' : 'daily';
  const shiftsPerMember = frequency === 'daily' ? draw.between(1, 2) : 1;
  const period = frequency === 'weekly' ? WEEK_MS : DAY_MS;
  const events = eras.map((era): ShiftEvent => ({
    id: draw.longId(),
    name: frequency === 'weekly' ? 'Weekly on-call' : 'Daily on-call',
    start: era.start,
    end: era.start + period,
    effectiveSince: era.start,
    effectiveUntil: era.end,
    frequency,
    strategy: 'rotating',
    shiftsPerMember,
    members: era.userIds,
  }));
  return {
    kind: 'v3',
    id: draw.id(),
    name,
    description: '',
    timeZone: draw.pick(['America/New_York', 'Europe/London', 'Etc/UTC']),
    teamIds: [teamId],
    rotations: [{ id: draw.longId(), events }],
  };
}
