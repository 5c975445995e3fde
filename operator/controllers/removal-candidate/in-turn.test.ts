import { describe, expect, it } from 'vitest';
import { turnLastsMs } from './account-turns.ts';
import { turnMarginMs } from './guards.ts';
import { timeLeft } from './in-turn.ts';

const turn = { holder: 'one team-a/a.1', endsAt: turnLastsMs };
const lastMoment = turnLastsMs - turnMarginMs;

describe('the time that is left under a turn', () => {
  it.each([
    ['at its beginning', 0, lastMoment],
    ['a moment before the margin', lastMoment - 1, 1],
    ['in the margin', lastMoment, 0],
    ['after its end', turnLastsMs * 10, 0],
    ['when the clock went back behind its beginning', -1, 0],
  ])('guard 4: %s', (_when, now, left) => {
    expect(timeLeft(turn, now)).toBe(left);
  });
});
