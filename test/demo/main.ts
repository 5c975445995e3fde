import { parseArgs } from 'node:util';
import { show, showHowToGoOn } from './show.ts';
import { openStage } from './stage.ts';

const usage = `usage: npm run demo -- [--exit] [--users N] [--seed N]

Shows the main job on a real Kubernetes API server: the control plane, the PagerDuty simulator with a made-up
company, the operator, and config/samples. It stays up until Ctrl-C; --exit ends it after the show.`;

const ending = new AbortController();
/** Exit code of a program that Ctrl-C ended. */
const interrupted = 130;

function readOptions(argv: string[]) {
  return parseArgs({
    args: argv,
    options: {
      exit: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      users: { type: 'string', default: '300' },
      seed: { type: 'string', default: '7' },
    },
  }).values;
}

/** Runs the demo; the exit code is 0 when everything came true. */
async function runDemo(options: ReturnType<typeof readOptions>): Promise<number> {
  const started = Date.now();
  const say = (line: string): void => console.log(`[${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s] ${line}`);
  const stage = await openStage({ users: Number(options.users), seed: Number(options.seed), signal: ending.signal, say });
  try {
    await stage.play();
    await show(stage);
    showHowToGoOn(stage);
    if (!options.exit) await untilAborted(ending.signal);
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

/** One line that says what went wrong; what fails because it was stopped is no failure. */
function explain(error: unknown): number {
  if (ending.signal.aborted) {
    console.error('demo: stopped');
    return interrupted;
  }
  console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
}

async function main(argv: string[]): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(argv);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const stop = (): void => ending.abort(new Error('stopped'));
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return runDemo(options).catch(explain);
}

process.exitCode = await main(process.argv.slice(2));
