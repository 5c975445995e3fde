import { spawn } from 'node:child_process';
import { tie } from './child.ts';
import type { CommandResult } from './contract.ts';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Ends with this process however that ends, with all that it started. It then has no input. */
  readonly tied?: boolean;
  /** Sees each line of standard error when it comes. */
  readonly onErrorLine?: (line: string) => void;
}

/** Runs a program to its end and collects what it says. Rejects only when it cannot be started or is aborted. */
export async function runCommand(command: readonly [string, ...string[]], options: CommandOptions = {}): Promise<CommandResult> {
  const tied = options.tied ?? false;
  const [program, ...args] = tied ? tie(command) : command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: 'pipe',
      detached: tied,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let stdout = '';
    let stderr = '';
    let line = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      const lines = (line + chunk).split('\n');
      line = lines.pop() ?? '';
      for (const whole of lines) options.onErrorLine?.(whole);
    });
    // A program that does not read its input closes it early; its exit code says what happened.
    child.stdin.on('error', () => undefined);
    if (!tied) child.stdin.end(options.input ?? '');
    child.once('exit', () => child.stdin.destroy());
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code: code ?? 128, stdout, stderr: signal === null ? stderr : `${stderr}\nended by ${signal}` });
    });
  });
}
