// Loaded before a program: tells at its end for how long its event loop was blocked at most, in milliseconds.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolution = 5;
const delay = monitorEventLoopDelay({ resolution });
delay.enable();
// What happens while the program loads is not what is measured.
setTimeout(() => delay.reset(), 3000).unref();
const milliseconds = (nanoseconds) => Math.max(0, Math.round(nanoseconds / 1e6) - resolution);
process.on('exit', () => {
  const file = process.env['LOOP_DELAY_FILE'];
  if (file !== undefined) writeFileSync(file, JSON.stringify({ max: milliseconds(delay.max), p99: milliseconds(delay.percentile(99)) }));
});
