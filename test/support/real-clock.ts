import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../operator/api/clock.ts';

/** The system's time, for tests against real servers. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
};

/** Looks every 20 ms until the condition holds; throws after `ms` milliseconds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 20_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await delay(20);
  }
}
