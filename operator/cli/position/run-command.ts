import { OperatorError, toFailure } from '../../api/errors.ts';
import { misuse, readOptions } from '../read-options.ts';
import { hideAddresses } from '../../licensing/text.ts';
import { codeOf } from './write-file.ts';

export interface Command<Options> {
  readonly name: string;
  readonly usage: string;
  /** What a person needs who lacks a right; default: to list the kinds of the product. */
  readonly rights?: string;
  /** Throws an Error whose message says what is wrong with the command line. */
  readonly read: (argv: readonly string[]) => Options;
  /** Returns the exit code. Throws an OperatorError with a message for a person. */
  readonly run: (options: Options) => Promise<number>;
}

/** Help, options and failures, in one place for the commands that show the position: 0, 1 when it failed, 2 for a bad command line. */
export async function runCommand<Options extends object>({ name, usage, read, run, rights }: Command<Options>, argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(usage);
    return 0;
  }
  const options = readOptions(() => read(argv));
  if ('problem' in options) {
    console.error(`saaslicense ${name}: ${hideAddresses(options.problem)}\n${usage}`);
    return misuse;
  }
  try {
    return await run(options);
  } catch (error) {
    console.error(`saaslicense ${name}: ${explain(error, rights)}`);
    return 1;
  }
}

const listRights = 'It needs the right to list the kinds of saaslicense.dev in the namespace, such as the ClusterRole saas-license-operator-user gives.';

function explain(error: unknown, rights = listRights): string {
  if (!(error instanceof OperatorError)) return 'an unexpected internal error occurred; please report it.';
  const { reason, message } = toFailure(error);
  // A command has tried again already.
  if (reason !== 'Forbidden') return message.replace(/; it is tried again\.$/, '.');
  return `${message.replace('; grant it to the service account of the operator', '')} ${rights}`;
}

/** Writes to the standard output and waits until it is taken, so that a pipe gets all of it; one that wants no more, as of `head`, is no failure. */
export async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const end = (error?: Error | null): void => {
      process.stdout.off('error', end);
      if (error && codeOf(error) !== 'EPIPE') reject(error);
      else resolve();
    };
    process.stdout.once('error', end);
    process.stdout.write(text, end);
  });
}
