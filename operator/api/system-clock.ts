import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './clock.ts';

/** Longest time that a timer takes; a longer sleep wakes early, and whoever slept looks again. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's time, corrections of its clock included: for times that are written down. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => delay(Math.min(ms, longestTimerMs), undefined, signal === undefined ? {} : { signal }),
};

/** The machine's time at the start of the process, moving on evenly: for deadlines, which a corrected clock must not move. */
export const steadyClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) => systemClock.sleep(ms, signal),
};
