import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { z } from 'zod';

/** Names one process for good: process ids alone are used again by the system. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** What the system says about its start; opaque, compared only. */
  readonly started: string;
}

export const processIdentitySchema = z.object({ host: z.string(), pid: z.int().positive(), started: z.string() });

/** The identity of the process with that id, this one unless told; undefined when there is none. */
export async function identifyProcess(pid = process.pid): Promise<ProcessIdentity | undefined> {
  const started = await readStart(pid);
  return started === undefined ? undefined : { host: hostname(), pid, started };
}

/** False only when the process is surely gone: one of another host (a shared cache) counts as alive. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  if (identity.host !== hostname()) return true;
  return (await readStart(identity.pid)) === identity.started;
}

async function readStart(pid: number): Promise<string | undefined> {
  try {
    if (process.platform !== 'linux') {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
      return stdout.trim() === '' ? undefined : stdout.trim();
    }
    return parseProcStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Start time in clock ticks since boot (field 22 of proc(5) stat); undefined for a zombie. */
export function parseProcStat(text: string): string | undefined {
  // The second field is the program's name in parentheses and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}
