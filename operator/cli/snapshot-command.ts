import { parseArgs } from 'node:util';
import type { Clock } from '../api/clock.ts';
import { systemClock } from '../api/system-clock.ts';
import { loadSnapshot, type CommandContext } from './position/load-snapshot.ts';
import { print, runCommand } from './position/run-command.ts';
import { digestOf, writeSnapshot } from './position/snapshot-file.ts';
import { clusterFlags, readSource, type PositionSource } from './position/source-options.ts';
import { writePrivately } from './position/write-file.ts';

export const snapshotUsage = `usage: saaslicense snapshot [OPTION]...

Records what the licence position of a namespace is made from, so that saaslicense plan and saaslicense workbench can
work without a cluster. It only reads. People are pseudonyms, the same for the same person within the file; e-mail
addresses are never recorded.

  -o, --output-file FILE  write to this file, which only you may read (default: the standard output)
  -n, --namespace NAME    namespace to read (default: that of the kubeconfig's context)
  --profile NAME          one IntegrationProfile only (default: all of the namespace)
  --with-people           record the names of the people that candidates are about, for the workbench
  --kubeconfig FILE, --context NAME  API server to use

exit codes: 0 recorded, 1 it failed and nothing was written, 2 bad command line`;

/** What -o means for other commands: whoever writes this wants a format, not a file of that name. */
const formats = ['json', 'yaml', 'table', 'csv', 'html', 'text'];

export interface SnapshotOptions {
  readonly source: PositionSource;
  readonly withPeople: boolean;
  readonly outputFile: string | undefined;
}

/** `saaslicense snapshot`: recorded data of a namespace. */
export async function runSnapshotCommand(argv: readonly string[], env: NodeJS.ProcessEnv, clock: Pick<Clock, 'now'> = systemClock): Promise<number> {
  return runCommand({ name: 'snapshot', usage: snapshotUsage, read: readSnapshotOptions, run: async (options) => snapshot(options, { env, clock }) }, argv);
}

/** Throws an Error whose message says what is wrong with the command line. */
export function readSnapshotOptions(argv: readonly string[]): SnapshotOptions {
  const { values } = parseArgs({ args: [...argv], strict: true, options: { ...clusterFlags, 'output-file': { type: 'string', short: 'o' } } });
  const outputFile = values['output-file'];
  if (outputFile !== undefined && formats.includes(outputFile)) {
    throw new Error(`-o names the file to write, and a snapshot is always JSON: write -o snapshot.json, or -o ./${outputFile} for a file called ${outputFile}`);
  }
  return { source: readSource(values), withPeople: values['with-people'], outputFile };
}

async function snapshot({ source, withPeople, outputFile }: SnapshotOptions, context: CommandContext): Promise<number> {
  const recorded = await loadSnapshot(source, withPeople, context);
  const text = writeSnapshot(recorded);
  if (outputFile === undefined) {
    await print(text);
    return 0;
  }
  await writePrivately(outputFile, text);
  const { profiles, models, seats } = recorded.counts;
  console.log(`${outputFile}: namespace ${recorded.namespace} at ${recorded.at}: ${profiles} profile(s), ${models} model(s), ${seats} subscription(s), digest ${digestOf(recorded)}.`);
  return 0;
}
