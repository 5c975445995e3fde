import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { errorCode, explainFileError } from './problems.ts';
import { identifyProcess, isAlive, processIdentitySchema, type ProcessIdentity } from './process-identity.ts';

const POLL_MS = 500;
const SAY_EVERY_MS = 10_000;

export interface BinaryOptions {
  /** The cache folder; the binary is at `<cache>/<key>/<name>`. */
  readonly cache: string;
  /** Version and hash of all that goes into the binary. */
  readonly key: string;
  /** Name of the program; `control-plane` unless told. */
  readonly name?: string;
  /** Makes the binary at the path. */
  readonly compile: (target: string) => Promise<void>;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks at another process' lock; 500 unless told. */
  readonly pollMs?: number;
}

/**
 * Path of the binary, compiled if it is not there yet. Of several processes one compiles and the others wait; should two
 * ever compile all the same, each writes under a name of its own and a rename decides, so nobody sees half a file.
 */
export async function ensureBinary(options: BinaryOptions): Promise<string> {
  const folder = join(options.cache, options.key);
  const binary = join(folder, options.name ?? 'control-plane');
  const lock = join(folder, 'compiling');
  if (await exists(binary)) return binary;
  const self = await identifyProcess();
  if (self === undefined) throw new Error('this process cannot be identified');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await takeLock(lock, self, binary, options);
  } catch (error) {
    throw explainFileError(error, folder);
  }
  try {
    if (!(await exists(binary))) await compileTo(binary, options);
  } finally {
    await rm(lock, { force: true });
  }
  return binary;
}

async function compileTo(binary: string, options: BinaryOptions): Promise<void> {
  await removeDrafts(binary);
  const draft = `${binary}.${randomBytes(4).toString('hex')}`;
  try {
    await options.compile(draft);
    await rename(draft, binary);
  } catch (error) {
    throw explainFileError(error, binary);
  } finally {
    await rm(draft, { force: true });
  }
}

/** What compilations that were killed left behind. */
async function removeDrafts(binary: string): Promise<void> {
  const folder = dirname(binary);
  for (const name of await readdir(folder)) {
    if (name.startsWith(`${basename(binary)}.`)) await rm(join(folder, name), { force: true });
  }
}

/** Returns with the lock held. It is a symbolic link to its holder's identity: made with its content in one step. */
async function takeLock(lock: string, self: ProcessIdentity, binary: string, options: BinaryOptions): Promise<void> {
  const sayWaiting = createWaitingNote(options.log, options.name ?? 'the control plane');
  while (!(await tryLink(JSON.stringify({ ...self, token: randomBytes(4).toString('hex') }), lock))) {
    options.signal.throwIfAborted();
    const text = await readlink(lock).catch(() => undefined);
    const holder = text === undefined ? undefined : parseHolder(text);
    if (text !== undefined && (holder === undefined || !(await isAlive(holder)))) {
      await breakLock(lock, text);
      continue;
    }
    if (holder !== undefined) sayWaiting(holder.pid);
    // With the binary there, the holder is about to let go.
    await delay((await exists(binary)) ? 20 : (options.pollMs ?? POLL_MS), undefined, { signal: options.signal });
  }
}

function createWaitingNote(log: (line: string) => void, what: string): (pid: number) => void {
  const since = Date.now();
  let saidAt = 0;
  return (pid) => {
    if (Date.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = Date.now();
    log(`waiting: process ${pid} is compiling ${what} (${Math.round((saidAt - since) / 1000)} s)`);
  };
}

async function tryLink(target: string, path: string): Promise<boolean> {
  try {
    await symlink(target, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a dead process, and only that one: another process may have broken it and taken it meanwhile. */
async function breakLock(lock: string, stale: string): Promise<void> {
  const aside = `${lock}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  const found = await readlink(aside);
  if (found !== stale) await tryLink(found, lock);
  await rm(aside, { force: true });
}

function parseHolder(text: string): ProcessIdentity | undefined {
  try {
    const parsed = z.looseObject(processIdentitySchema.shape).safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
