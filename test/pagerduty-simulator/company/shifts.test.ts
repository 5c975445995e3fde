import { describe, expect, it } from 'vitest';
import type { ClassicSchedule, Layer, Restriction, ShiftEvent, ShiftSchedule } from './company.ts';
import { DAY_MS, WEEK_MS } from './company.ts';
import { subtract } from './intervals.ts';
import { listShifts } from './shifts.ts';
import { createTimeZones } from './time-zones.ts';

const zones = createTimeZones();
const at = (text: string): number => Date.parse(text);

function schedule(layers: Partial<Layer>[], patch: Partial<ClassicSchedule> = {}): ClassicSchedule {
  const start = at('2026-10-05T00:00:00Z');
  const whole = layers.map((layer): Layer => ({ id: 'L', name: 'L', start, end: null, rotationVirtualStart: start, turnSeconds: 86_400, userIds: ['A', 'B'], restrictions: [], ...layer }));
  return { kind: 'classic', id: 'S', name: 'S', description: '', timeZone: 'Etc/UTC', teamIds: [], layers: whole, overrides: [], ...patch };
}

function shifts(of: ClassicSchedule | ShiftSchedule, from: string, to: string): string[] {
  const window = { start: at(from), end: at(to) };
  return listShifts(of, window, zones).map(({ userId, start, end }) => `${userId} ${new Date(start).toISOString().slice(0, 16)} ${new Date(end).toISOString().slice(0, 16)}`);
}

const officeHours: Restriction = { kind: 'daily', startTimeOfDay: '09:00:00', durationSeconds: 8 * 3600 };

describe('shifts of a classic schedule', () => {
  it('take turns without end', () => {
    expect(shifts(schedule([{}]), '2026-10-06T12:00:00Z', '2026-10-07T12:00:00Z')).toEqual(['B 2026-10-06T00:00 2026-10-07T00:00', 'A 2026-10-07T00:00 2026-10-08T00:00']);
  });

  it('end with their layer and start with it', () => {
    const short = schedule([{ start: at('2026-10-05T06:00:00Z'), end: at('2026-10-06T06:00:00Z') }]);
    expect(shifts(short, '2026-10-01T00:00:00Z', '2026-10-20T00:00:00Z')).toEqual(['A 2026-10-05T06:00 2026-10-06T00:00', 'B 2026-10-06T00:00 2026-10-06T06:00']);
    expect(shifts(short, '2026-10-06T06:00:00Z', '2026-10-20T00:00:00Z')).toEqual([]);
  });

  it('keep to restrictions by the local time of the schedule, over the end of summer time', () => {
    const berlin = schedule([{ userIds: ['A', 'B'], turnSeconds: 7 * 86_400, restrictions: [officeHours] }], { timeZone: 'Europe/Berlin' });
    expect(shifts(berlin, '2026-10-24T00:00:00Z', '2026-10-25T22:00:00Z')).toEqual(['A 2026-10-24T07:00 2026-10-24T15:00', 'A 2026-10-25T08:00 2026-10-25T16:00']);
  });

  it('keep to weekly restrictions', () => {
    const fridays = schedule([{ turnSeconds: 7 * 86_400, restrictions: [{ ...officeHours, kind: 'weekly', startDayOfWeek: 5 }] }]);
    expect(shifts(fridays, '2026-10-05T00:00:00Z', '2026-10-19T00:00:00Z')).toEqual(['A 2026-10-09T09:00 2026-10-09T17:00', 'B 2026-10-16T09:00 2026-10-16T17:00']);
  });

  it('are covered by later layers and by overrides', () => {
    const covered = schedule([{ userIds: ['A', 'B'] }, { userIds: ['C'], restrictions: [officeHours] }], {
      overrides: [{ userId: 'D', start: at('2026-10-05T16:00:00Z'), end: at('2026-10-05T20:00:00Z') }],
    });
    expect(shifts(covered, '2026-10-05T00:00:00Z', '2026-10-06T00:00:00Z')).toEqual([
      'A 2026-10-05T00:00 2026-10-05T09:00',
      'C 2026-10-05T09:00 2026-10-05T16:00',
      'D 2026-10-05T16:00 2026-10-05T20:00',
      'A 2026-10-05T20:00 2026-10-06T00:00',
    ]);
  });
});

describe('the edges of a window', () => {
  const event: ShiftEvent = {
    id: 'E', name: 'E', start: at('2026-10-05T09:00:00Z'), end: at('2026-10-05T17:00:00Z'), effectiveSince: 0, effectiveUntil: null, frequency: 'daily', strategy: 'every-member', shiftsPerMember: 1, members: ['A'],
  };
  const rota: ShiftSchedule = { kind: 'v3', id: 'V', name: 'V', description: '', timeZone: 'Etc/UTC', teamIds: [], rotations: [{ id: 'R', events: [event] }] };

  it.each<[string, ClassicSchedule | ShiftSchedule]>([
    ['an override', schedule([{ end: at('2026-10-05T00:00:01Z') }], { overrides: [{ userId: 'A', start: event.start, end: event.end }] })],
    ['an event', rota],
  ])('a shift of %s counts from its first moment, and no more at its last', (_, of) => {
    const moments = ['2026-10-05T08:59:59Z', '2026-10-05T09:00:00Z', '2026-10-05T16:59:59Z', '2026-10-05T17:00:00Z'];
    expect(moments.map((moment) => shifts(of, moment, moment).length)).toEqual([0, 1, 1, 0]);
    expect(shifts(of, '2026-10-05T08:00:00Z', '2026-10-05T09:00:00Z')).toEqual([]);
    expect(shifts(of, '2026-10-05T17:00:00Z', '2026-10-05T18:00:00Z')).toEqual([]);
  });
});

describe('shifts of a shift-based schedule', () => {
  it('come again, several for each member, until the event ends', () => {
    const start = at('2026-10-05T09:00:00Z');
    const event: ShiftEvent = {
      id: 'E', name: 'E', start, end: start + DAY_MS / 3, effectiveSince: start, effectiveUntil: start + 4 * DAY_MS, frequency: 'daily', strategy: 'rotating', shiftsPerMember: 2, members: ['A', null, 'B'],
    };
    const rota: ShiftSchedule = { kind: 'v3', id: 'V', name: 'V', description: '', timeZone: 'Etc/UTC', teamIds: [], rotations: [{ id: 'R', events: [event] }] };
    expect(shifts(rota, '2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z')).toEqual(['A 2026-10-05T09:00 2026-10-05T17:00', 'A 2026-10-06T09:00 2026-10-06T17:00']);
    const weekly = { ...rota, rotations: [{ id: 'R', events: [{ ...event, frequency: 'weekly' as const, shiftsPerMember: 1, end: start + WEEK_MS, effectiveUntil: null }] }] };
    expect(shifts(weekly, '2026-10-19T09:00:00Z', '2026-10-20T00:00:00Z')).toEqual(['B 2026-10-19T09:00 2026-10-26T09:00']);
  });
});

describe('intervals', () => {
  it('lose what is covered', () => {
    expect(subtract({ start: 0, end: 10 }, [{ start: 8, end: 20 }, { start: 2, end: 4 }, { start: 3, end: 5 }])).toEqual([{ start: 0, end: 2 }, { start: 5, end: 8 }]);
    expect(subtract({ start: 0, end: 10 }, [{ start: -5, end: 50 }])).toEqual([]);
  });
});
