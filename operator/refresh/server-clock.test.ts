import { describe, expect, it } from 'vitest';
import { clockError, compareClocks } from './server-clock.ts';

const minute = 60_000;

describe('clock of the node beside that of the API server', () => {
  it.each([
    { story: 'equal', ahead: 0, refused: false },
    { story: 'a little behind', ahead: -4 * minute, refused: false },
    { story: 'a little ahead', ahead: 4 * minute, refused: false },
    { story: 'days behind', ahead: -3 * 1440 * minute, refused: true },
    { story: 'days ahead', ahead: 3 * 1440 * minute, refused: true },
    { story: 'not known', ahead: undefined, refused: false },
  ])('guard 6: $story → refused: $refused', ({ ahead, refused }) => {
    const clocks = { clockTrust: { skewMs: () => ahead } };
    expect(compareClocks(clocks)?.failure.reason).toBe(refused ? 'ClockSkew' : undefined);
    // The result of a refused run is dated by the API server.
    expect(clockError(clocks)).toBe(refused ? -(ahead ?? 0) : 0);
  });
});
