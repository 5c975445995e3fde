import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, contractYearAt, dayOf, daysBetween, firstDayOfNextMonth, lastDayOfMonth, monthAt, monthOf, startOfDay } from './calendar.ts';

describe('days', () => {
  it('are those of UTC, whatever the hour', () => {
    expect(dayOf(Date.parse('2026-11-24T00:00:00Z'))).toBe('2026-11-24');
    expect(dayOf(Date.parse('2026-11-24T23:59:59.999Z'))).toBe('2026-11-24');
    expect(startOfDay('2026-11-24')).toBe(Date.parse('2026-11-24T00:00:00Z'));
    expect(monthOf('2026-11-24')).toBe('2026-11');
  });

  it('go over the ends of months, years and February', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
    expect([daysBetween('2026-11-24', '2026-11-24'), daysBetween('2027-03-01', '2027-02-28'), daysBetween('2028-02-28', '2028-03-01')]).toEqual([0, -1, 2]);
    expect([lastDayOfMonth('2026-02'), lastDayOfMonth('2028-02'), lastDayOfMonth('2026-04')]).toEqual(['2026-02-28', '2028-02-29', '2026-04-30']);
    expect([firstDayOfNextMonth('2026-12-01'), firstDayOfNextMonth('2028-02-29')]).toEqual(['2027-01-01', '2028-03-01']);
  });

  it('stay four-digit text that compares as days at the ends of what can be written', () => {
    expect(addDays('9999-12-31', 1)).toBe('9999-12-31');
    expect(firstDayOfNextMonth('9999-12-05')).toBe('9999-12-31');
    expect(addDays('0000-01-01', -1)).toBe('0000-01-01');
    expect(addDays('0099-12-31', 1)).toBe('0100-01-01');
  });

  it.each(['2026-02-30', '2026-13-01', '2026-11', '24.11.2026', '', '2026-11-24T00:00:00Z'])('refuses %j, which is no day', (text) => {
    expect(() => startOfDay(text)).toThrow(RangeError);
  });

  it('adds and counts days alike', () => {
    assert(
      property(integer({ min: -700_000, max: 2_900_000 }), integer({ min: -20_000, max: 20_000 }), (at, n) => {
        const day = dayOf(at * 86_400_000);
        expect(startOfDay(day)).toBe(at * 86_400_000);
        expect(daysBetween(day, addDays(day, n))).toBe(n);
      }),
      { seed: 901 },
    );
  });
});

describe('periods that a price is paid for', () => {
  it('are calendar months', () => {
    expect(monthAt(startOfDay('2028-02-29'))).toEqual({ index: 2028 * 12 + 1, day: 28, days: 29 });
    expect(monthAt(startOfDay('0050-01-01'))).toEqual({ index: 600, day: 0, days: 31 });
    expect(monthAt(startOfDay('0000-02-01')).days).toBe(29);
  });

  it('are years from the start of the contract, of 365 or 366 days', () => {
    expect(contractYearAt('2026-03-15', startOfDay('2027-03-14'))).toEqual({ index: 0, day: 364, days: 365 });
    expect(contractYearAt('2026-03-15', startOfDay('2027-03-15'))).toEqual({ index: 1, day: 0, days: 366 });
    expect(contractYearAt('0099-06-01', startOfDay('0099-06-02'))).toEqual({ index: 0, day: 1, days: 365 });
  });

  it('a year from 29 February ends on 28 February, and on the 28th before the next leap day', () => {
    expect(contractYearAt('2024-02-29', startOfDay('2025-02-28'))).toEqual({ index: 0, day: 365, days: 366 });
    expect(contractYearAt('2024-02-29', startOfDay('2025-03-01'))).toEqual({ index: 1, day: 0, days: 365 });
    expect(contractYearAt('2024-02-29', startOfDay('2028-02-28'))).toEqual({ index: 3, day: 364, days: 365 });
    expect(contractYearAt('2024-02-29', startOfDay('2028-02-29'))).toEqual({ index: 4, day: 0, days: 366 });
  });
});
