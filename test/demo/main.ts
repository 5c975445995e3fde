import { parseArgs } from 'node:util';
import { ControlPlaneError } from '../control-plane/index.ts';
import { show, showHowToGoOn } from './show.ts';
import { openStage } from './stage.ts';

const usage = `usage: npm run demo -- [--exit] [--users N] [--seed N]

Shows the main job on a real Kubernetes API server: the control plane, the PagerDuty simulator with a made-up
company, the operator, and config/samples. It stays up until Ctrl-C; --exit ends it after the show.`;

/** Runs the demo; the exit code is 0 when everything came true. */
async function runDemo(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      exit: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      users: { type: 'string', default: '300' },
      seed: { type: 'string', default: '7' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const ending = new AbortController();
  const stop = (): void => ending.abort(new Error('stopped'));
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const started = Date.now();
  const say = (line: string): void => console.log(`[${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s] ${line}`);
  const stage = await openStage({ users: Number(values.users), seed: Number(values.seed), signal: ending.signal, say });
  try {
    await stage.play();
    await show(stage);
    showHowToGoOn(stage);
    if (!values.exit) await untilAborted(ending.signal);
    return 0;
  } finally {
    say('ending: operator, pods, simulator and control plane');
    await stage.close();
    say('nothing is left running');
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  // A pending promise does not keep a process alive; this timer does.
  const alive = setInterval(() => undefined, 60_000);
  return promise.finally(() => clearInterval(alive));
}

try {
  process.exitCode = await runDemo(process.argv.slice(2));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  if (message === 'stopped') {
    process.exitCode = 130;
  } else {
    console.error(error instanceof ControlPlaneError ? `demo: ${message}` : `demo: ${message}\n${usage}`);
    process.exitCode = 1;
  }
}
