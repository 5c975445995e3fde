import { parseArgs } from 'node:util';
import { showReclaim } from './reclaim.ts';
import { describeHowToGoOn, show } from './show.ts';
import { openStage } from './stage.ts';

const usage = `usage: npm run demo -- [--exit] [--users N] [--seed N]

Shows the main job on a real Kubernetes API server: the control plane, the PagerDuty simulator with a made-up
company, the operator, and config/samples. It stays up until Ctrl-C; --exit ends it after the show.`;

const ending = new AbortController();
/** As many people as PagerDuty lists; also far more seeds than anybody tries. */
const mostUsers = 10_000;
/** Exit code of a program that Ctrl-C ended. */
const interrupted = 130;

interface Options {
  readonly exit: boolean;
  readonly help: boolean;
  readonly users: number;
  readonly seed: number;
}

function readOptions(argv: string[]): Options {
  const { values } = parseArgs({
    args: argv,
    options: {
      exit: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      users: { type: 'string', default: '300' },
      seed: { type: 'string', default: '7' },
    },
  });
  return { ...values, users: readNumber('--users', values.users, 1), seed: readNumber('--seed', values.seed, 0) };
}

/** Throws when the text is not a whole number of at least `least`. */
function readNumber(option: string, text: string, least: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= mostUsers) return number;
  throw new Error(`${option} must be a whole number from ${least} to ${mostUsers}, not "${text}"`);
}

/** Runs the demo; the exit code is 0 when everything came true. */
async function runDemo(options: Options): Promise<number> {
  const started = Date.now();
  const say = (line: string): void => console.log(`[${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s] ${line}`);
  const stage = await openStage({ users: options.users, seed: options.seed, signal: ending.signal, say });
  try {
    await stage.play();
    await show(stage);
    await showReclaim(stage, { signal: ending.signal, say });
    console.log(describeHowToGoOn(stage));
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
  let options: Options;
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
  // SIGHUP: the terminal was closed; nothing may be left running behind it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return runDemo(options).catch(explain);
}

process.exitCode = await main(process.argv.slice(2));
