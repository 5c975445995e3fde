import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chooseControlPlane } from './choice.ts';
import { readControl } from './control-file.ts';
import { ControlPlaneError } from './contract.ts';
import { cacheDirectory } from './directories.ts';
import { exists } from './binary.ts';
import { missingForKind, provideBinary } from './engines.ts';
import { attachToControlPlane, startControlPlane } from './index.ts';
import { isAlive } from './process-identity.ts';
import { listRuns, nameRun, pickRun, type Run } from './runs.ts';

const USAGE = `usage: npm run control-plane -- COMMAND
  up [--name N]        start a control plane in the background (N: "default" unless told)
  down [--name N]      end it
  status               list those that run
  kubectl [--name N] … run kubectl against it
  crdlint FILE…        check CustomResourceDefinitions with the API server's own validation
  build                compile the embedded control plane, if need be`;

const UP_MS = 300_000;
const DOWN_MS = 20_000;
const cache = cacheDirectory();

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function up(name: string): Promise<number> {
  const running = pickRun(await listRuns(cache), name);
  if (running !== undefined) {
    say(`"${name}" runs already.`);
    await explainUse(running);
    return 0;
  }
  // The long part is done here, where its progress is seen.
  if ((await chooseControlPlane(process.env, { fileExists: exists, missingForKind })).kind === 'embedded') await build();
  const logFile = await startServing(name);
  for (const deadline = Date.now() + UP_MS; Date.now() < deadline; await delay(100)) {
    const run = pickRun(await listRuns(cache), name);
    if (run !== undefined) {
      await explainUse(run);
      return 0;
    }
    const text = await readFile(logFile, 'utf8');
    if (text.includes(ENDED)) throw new ControlPlaneError(text.trim().replace(ENDED, '').trim());
  }
  throw new ControlPlaneError(`The control plane did not come up within ${UP_MS / 1000} s; ${logFile} says more.`);
}

/** The last line of a background process that could not start. */
const ENDED = 'ended without a control plane';

async function startServing(name: string): Promise<string> {
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const logFile = join(cache, `up-${name}.log`);
  const log = await open(logFile, 'w', 0o600);
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'serve', '--name', name], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    cwd: homedir(),
  });
  await once(child, 'spawn');
  child.unref();
  await log.close();
  return logFile;
}

/** The background process of `up`: holds a control plane until it is told to stop. */
async function serve(name: string): Promise<number> {
  const abort = new AbortController();
  const end = (): void => {
    abort.abort();
  };
  process.once('SIGTERM', end).once('SIGINT', end).once('SIGHUP', end);
  try {
    const plane = await startControlPlane({ log: say, signal: abort.signal });
    await nameRun(plane.directory, name);
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n${ENDED}`);
    return 1;
  }
  return 0;
}

async function explainUse(run: Run): Promise<void> {
  const { server, kubeconfig } = await readControl(run.directory);
  const option = run.name === 'default' ? '' : ` --name ${run.name}`;
  process.stdout.write(
    [
      `The control plane "${run.name}" is up at ${server}.`,
      `  npm run control-plane -- kubectl${option} get ns`,
      `  export KUBECONFIG=${kubeconfig}`,
      `  npm run control-plane -- down${option}`,
      '',
    ].join('\n'),
  );
}

async function down(name: string): Promise<number> {
  const run = pickRun(await listRuns(cache), name);
  await rm(join(cache, `up-${name}.log`), { force: true });
  if (run === undefined) {
    say(`No control plane "${name}" runs.`);
    return 0;
  }
  const plane = await attachToControlPlane(run.directory);
  // Its children are tied to it: whatever ends it ends them.
  const ended =
    (await waitForEnd(run, async () => plane.stop())) ||
    (await waitForEnd(run, async () => process.kill(run.owner.pid, 'SIGTERM'))) ||
    (await waitForEnd(run, async () => process.kill(run.owner.pid, 'SIGKILL')));
  if (!ended) throw new ControlPlaneError(`Process ${run.owner.pid} of "${name}" does not end.`);
  say(`"${name}" is down.`);
  return 0;
}

async function waitForEnd(run: Run, order: () => Promise<unknown>): Promise<boolean> {
  // An order to a process that has just ended fails, and all is well.
  await order().catch(() => undefined);
  for (const deadline = Date.now() + DOWN_MS; Date.now() < deadline; await delay(50)) {
    if (!(await isAlive(run.owner))) return true;
  }
  return false;
}

async function status(): Promise<number> {
  const runs = await listRuns(cache);
  if (runs.length === 0) say('No control plane runs: start one with "npm run control-plane -- up".');
  for (const run of runs) {
    const { server } = await readControl(run.directory);
    process.stdout.write(`${run.name === '' ? '(of a test or the demo)' : run.name}\tprocess ${run.owner.pid}\t${server}\t${run.directory}\n`);
  }
  return 0;
}

async function kubectl(args: string[]): Promise<number> {
  const named = args[0] === '--name';
  const run = pickRun(await listRuns(cache), named ? args[1] : undefined);
  if (run === undefined) throw new ControlPlaneError('No such control plane runs (or several, and none is named): see "npm run control-plane -- status".');
  const control = await readControl(run.directory);
  const [program, ...first] = control.kubectl;
  return runInForeground([program, ...first, ...(named ? args.slice(2) : args)], { ...process.env, KUBECONFIG: control.kubeconfig });
}

async function crdlint(files: string[]): Promise<number> {
  return runInForeground([await build(), 'crdlint', ...files], process.env);
}

async function build(): Promise<string> {
  return provideBinary({ cache, log: say, signal: new AbortController().signal });
}

async function runInForeground(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv): Promise<number> {
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: 'inherit', env });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}

async function carryOut([command = '', ...rest]: string[]): Promise<number> {
  const commands = new Map<string, () => Promise<number>>([
    ['up', async () => up(readName(rest))],
    ['down', async () => down(readName(rest))],
    ['serve', async () => serve(readName(rest))],
    ['status', status],
    ['kubectl', async () => kubectl(rest)],
    ['crdlint', async () => crdlint(rest)],
    ['build', async () => build().then((path) => process.stdout.write(`${path}\n`)).then(() => 0)],
  ]);
  const chosen = commands.get(command);
  if (chosen !== undefined) return chosen();
  say(USAGE);
  return 2;
}

function readName(args: string[]): string {
  const { values } = parseArgs({ args, options: { name: { type: 'string', default: 'default' } } });
  if (/^[a-z0-9][a-z0-9-]*$/u.test(values.name)) return values.name;
  throw new ControlPlaneError(`"${values.name}" is no name: use small letters, digits and dashes.`);
}

try {
  process.exitCode = await carryOut(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
