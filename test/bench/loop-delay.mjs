// Loaded before a program: tells at its end for how long its event loop was blocked, in milliseconds, while it
// started (3 s) and since.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolution = 5;
const delay = monitorEventLoopDelay({ resolution });
delay.enable();
const milliseconds = (nanoseconds) => Math.max(0, Math.round(nanoseconds / 1e6) - resolution);
let start = 0;
// What happens while the program loads is another thing than what its work does.
setTimeout(() => {
  start = milliseconds(delay.max);
  delay.reset();
}, 3000).unref();
process.on('exit', () => {
  const file = process.env['LOOP_DELAY_FILE'];
  if (file !== undefined) writeFileSync(file, JSON.stringify({ start, max: milliseconds(delay.max), p99: milliseconds(delay.percentile(99)) }));
});
