import { expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createMemoryCluster } from '../../test/support/memory-cluster.ts';
import { watchClock, type ClockState } from './watch-clock.ts';

it('guard 11: what depends on the clock is looked at again when trust in it is lost, and when it is found again', async () => {
  const clock = createFakeClock();
  const cluster = createMemoryCluster(clock);
  const states: ClockState[] = [];
  const end = new AbortController();
  const watching = watchClock({ clockTrust: cluster.clockTrust(), clock, signal: end.signal }, (state) => states.push(state));
  await clock.advance(60_000);
  expect(states).toEqual([]);
  cluster.aheadMs = -91 * 86_400_000;
  await clock.advance(60_000);
  cluster.aheadMs = undefined;
  await clock.advance(60_000);
  cluster.aheadMs = 0;
  await clock.advance(60_000);
  expect(states).toEqual(['Skewed', 'NotCompared', 'Trusted']);
  end.abort();
  await watching;
  expect(clock.waiting()).toEqual([]);
});
