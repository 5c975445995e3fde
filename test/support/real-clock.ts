import { setTimeout as delay } from 'node:timers/promises';

export { systemClock as realClock } from '../../operator/api/system-clock.ts';

/** Looks every 20 ms until the condition holds; throws after `ms` milliseconds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 20_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await delay(20);
  }
}
