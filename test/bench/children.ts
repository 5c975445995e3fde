import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

/** What the child processes of a benchmark write into the file that BENCH_REPORT names. */
export interface ChildReport {
  /** Milliseconds of the work itself, without the start of Node and the loading of modules. */
  readonly workMs: number;
  /** Largest resident set, MiB (VmHWM). */
  readonly peakRssMiB: number;
  readonly exitCode: number;
  /** Requests to the API server by `METHOD resource`. */
  readonly apiRequests: Readonly<Record<string, number>>;
  /** Creates a second, from the first answer to the last. */
  readonly createsPerSecond: number | undefined;
  /** Reason of the result, or of the failure. */
  readonly reason: string;
}

export interface ChildOptions {
  /** JavaScript or TypeScript file, then its arguments. */
  readonly argv: readonly string[];
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a child to its end and answers its report. Throws when it left none, with the end of its output. */
export async function runChild({ argv, directory, env }: ChildOptions): Promise<ChildReport> {
  const report = join(directory, `report-${randomUUID()}.json`);
  const child = spawn(process.execPath, argv, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env, BENCH_REPORT: report },
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('error', reject).once('close', () => resolve());
  await promise;
  try {
    return JSON.parse(await readFile(report, 'utf8')) as ChildReport;
  } catch (error) {
    throw new Error(`${argv[0]} left no report:\n${output.join('').slice(-4000)}`, { cause: error });
  }
}

export interface RunningSimulator {
  readonly url: string;
  /** Control API: `order('POST', '/clock', {…})`. */
  order(method: string, path: string, body?: unknown): Promise<unknown>;
  stop(): void;
}

/** Starts the simulator as a process of its own, so that its work is not ours; it ends with this process. */
export async function startSimulatorProcess(argv: readonly string[]): Promise<RunningSimulator> {
  const child = spawn(process.execPath, [...argv, '--end-with-stdin'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.once('error', reject).once('exit', (code) => reject(new Error(`the simulator ended with ${code}`)));
  createInterface({ input: child.stdout }).once('line', resolve);
  const { url } = JSON.parse(await promise) as { url: string };
  return {
    url,
    async order(method, path, body) {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      const answer = await fetch(`${url}/_simulator${path}`, init);
      if (!answer.ok) throw new Error(`simulator: ${method} ${path} answered ${answer.status}: ${await answer.text()}`);
      return answer.json();
    },
    stop: () => void child.kill('SIGTERM'),
  };
}
