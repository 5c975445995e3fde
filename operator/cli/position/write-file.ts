import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { terminal } from '../../api/errors.ts';

/**
 * Writes a file that only its owner may read. It comes whole or not at all: it is written under another name in the
 * same folder and then renamed, and an earlier file of the name stays until then.
 */
export async function writePrivately(file: string, text: string): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text, 'utf8');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw terminal('NotWritten', `${file} cannot be written (${codeOf(error)}): check that its folder is there and may be written to.`);
  }
}

/** What the system calls a failure of a file, such as ENOENT. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
