import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { explainFileError } from './problems.ts';
import { identifyProcess, isAlive, processIdentitySchema } from './process-identity.ts';

const OWNER_FILE = 'owner.json';

const ownerSchema = z.object({
  owner: processIdentitySchema,
  /** A kind cluster that goes with the run. */
  kindCluster: z.string().optional(),
});

export type Owner = z.infer<typeof ownerSchema>;

/** Folder of all files of the control plane; nothing is written outside it and Go's own caches. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'saas-license-operator', 'control-plane');
}

/** Makes a folder for this process' run, readable by this user only. Throws ControlPlaneError. */
export async function createRunDirectory(cache: string): Promise<string> {
  const owner = await identifyProcess();
  if (owner === undefined) throw new Error('this process cannot be identified');
  const name = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const directory = join(cache, 'run', name);
  try {
    await mkdir(join(cache, 'run'), { recursive: true, mode: 0o700 });
    // Complete before it gets its name, so that nobody takes a folder without an owner for a stale one.
    const draft = join(cache, 'run', `.${name}`);
    await mkdir(draft, { mode: 0o700 });
    await writeFile(join(draft, OWNER_FILE), JSON.stringify({ owner } satisfies Owner));
    await rename(draft, directory);
  } catch (error) {
    throw explainFileError(error, directory);
  }
  return directory;
}

/** Notes in the run's folder what has to be taken down with it. */
export async function noteKindCluster(directory: string, kindCluster: string): Promise<void> {
  const owner = await readOwner(directory);
  if (owner !== undefined) await writeFile(join(directory, OWNER_FILE), JSON.stringify({ ...owner, kindCluster } satisfies Owner));
}

export async function readOwner(directory: string): Promise<Owner | undefined> {
  try {
    const parsed = ownerSchema.safeParse(JSON.parse(await readFile(join(directory, OWNER_FILE), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Removes the folders of runs whose process is gone, once what they noted is taken down. One whose cluster could not be
 * (the run was killed, and this one has no kind in PATH) is kept for a later run that can.
 */
export async function removeStaleRuns(cache: string, takeDown: (kindCluster: string) => Promise<boolean>): Promise<void> {
  const names = await readdir(join(cache, 'run')).catch(() => []);
  for (const name of names) {
    const directory = join(cache, 'run', name);
    const owner = await readOwner(directory);
    if (owner === undefined || (await isAlive(owner.owner))) continue;
    if (owner.kindCluster !== undefined && !(await takeDown(owner.kindCluster))) continue;
    await rm(directory, { recursive: true, force: true });
  }
}
