import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from './binary.ts';
import { readOwner } from './directories.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

/** A control plane that runs now. */
export interface Run {
  readonly directory: string;
  /** What `up --name` called it; '' for one that a test or the demo started. */
  readonly name: string;
  readonly owner: ProcessIdentity;
}

/** Gives the run a name by which people reach it. */
export async function nameRun(directory: string, name: string): Promise<void> {
  await writeFile(join(directory, 'name'), name);
}

/** All running control planes that are ready for orders. */
export async function listRuns(cache: string): Promise<Run[]> {
  const runs: Run[] = [];
  for (const entry of await readdir(join(cache, 'run')).catch(() => [])) {
    const directory = join(cache, 'run', entry);
    const owner = await readOwner(directory);
    if (owner === undefined || !(await isAlive(owner.owner)) || !(await exists(join(directory, 'control.json')))) continue;
    runs.push({ directory, owner: owner.owner, name: await readFile(join(directory, 'name'), 'utf8').catch(() => '') });
  }
  return runs;
}

/** The one with that name; without a name "default", else the only one there is. */
export function pickRun(runs: readonly Run[], name: string | undefined): Run | undefined {
  if (name !== undefined) return runs.find((run) => run.name === name);
  return runs.find((run) => run.name === 'default') ?? (runs.length === 1 ? runs[0] : undefined);
}
