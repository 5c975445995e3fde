import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const preload = ['--import', fileURLToPath(new URL('loop-delay.mjs', import.meta.url))];

/** For how long the event loop of a process was blocked, milliseconds. */
export interface LoopDelay {
  /** At most in its first three seconds, in which it loads and starts. */
  readonly start: number;
  /** At most since. */
  readonly max: number;
  readonly p99: number;
}

export interface Program {
  readonly command: readonly string[];
  readonly env: Record<string, string>;
}

/** The program, which tells at its end for how long its event loop was blocked. */
export function watchLoop({ command, env }: Program, directory: string): { program: Program; read: () => Promise<LoopDelay> } {
  const file = join(directory, 'loop-delay.json');
  return {
    program: { command: [...preload, ...command], env: { ...env, LOOP_DELAY_FILE: file } },
    read: () => readDelay(file),
  };
}

/** A process that does nothing: what blocks it is the machine, which blocks the others as well. */
export function startBystander(directory: string): { stop(): Promise<LoopDelay> } {
  const file = join(directory, 'loop-delay-bystander.json');
  const wait = 'setInterval(() => undefined, 1000); process.once("SIGTERM", () => process.exit())';
  const child = spawn(process.execPath, [...preload, '--eval', wait], { stdio: 'ignore', env: { LOOP_DELAY_FILE: file } });
  const ended = once(child, 'exit');
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
      return readDelay(file);
    },
  };
}

async function readDelay(file: string): Promise<LoopDelay> {
  return JSON.parse(await readFile(file, 'utf8')) as LoopDelay;
}
