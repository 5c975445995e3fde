import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../operator/api/clock.ts';
import { runRefreshCommand } from '../../operator/refresh/refresh-command.ts';
import { createTally, writeReport } from './child-report.ts';

/** A refresh as the pod runs it, at the time that BENCH_NOW holds still, so that nothing changes between two runs. */
const now = Number(process.env['BENCH_NOW']);
const clock: Clock = {
  now: () => now,
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
};
const tally = createTally();
let reason = 'no outcome';
const started = performance.now();
const exitCode = await runRefreshCommand(process.argv.slice(2), process.env, {
  clock,
  onRequest: (report) => tally.count(report),
  onOutcome: ({ result, failure }) => {
    reason = failure?.reason ?? result?.reason ?? reason;
  },
});
writeReport({ workMs: performance.now() - started, exitCode, reason, ...tally.finish() });
