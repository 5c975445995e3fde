import { runCommand, type CommandOptions } from '../control-plane/command.ts';

/** One line for a person: what is wrong, and what to do about it. */
export class EndToEndError extends Error {
  override readonly name = 'EndToEndError';
}

/** Runs a program to its end and answers what it printed. Throws EndToEndError with its last words. */
export async function must(command: readonly [string, ...string[]], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runCommand(command, options);
  if (code === 0) return stdout;
  const words = stderr.trim().split('\n').slice(-8).join('\n');
  throw new EndToEndError(`${command.slice(0, 4).join(' ')} … failed: ${words === '' ? stdout.trim().split('\n').slice(-8).join('\n') : words}`);
}
