import { describe, expect, it } from 'vitest';
import { aPublishedInput, now } from '../../../test/support/profile-fixtures.ts';
import type { ClockState } from '../watch-clock.ts';
import { decidePlan } from './decide-plan.ts';

const conditions = (clock: ClockState) => decidePlan(aPublishedInput(undefined, { clock }), { kind: 'NotTried' }, now).conditions(undefined);

describe('the condition ClockTrusted of a profile', () => {
  it.each<[ClockState, string, string, string]>([
    ['Skewed', 'False', 'ClockSkewed', 'NTP'],
    ['NotCompared', 'Unknown', 'ClockNotCompared', 'Date header'],
  ])('guard 11: clock %s → %s %s, with what to do and without a time', (clock, status, reason, remedy) => {
    const part = conditions(clock).find(({ type }) => type === 'ClockTrusted');
    expect(part).toMatchObject({ status, reason, message: expect.stringContaining(remedy) });
    expect(part?.message).toContain('nothing is reclaimed');
    expect(part?.message).not.toMatch(/\d/);
  });

  it('is absent while the clock is trusted, and holds Ready up in no case', () => {
    expect(conditions('Trusted').map(({ type }) => type)).not.toContain('ClockTrusted');
    const others = (clock: ClockState) => conditions(clock).filter(({ type }) => type !== 'ClockTrusted');
    expect(others('Skewed')).toEqual(conditions('Trusted'));
    expect(others('NotCompared')).toEqual(conditions('Trusted'));
  });
});
