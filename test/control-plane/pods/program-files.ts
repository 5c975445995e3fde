import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/** Bytes of output that serve as a failed container's message, as a kubelet takes them. */
const FALLBACK_MESSAGE_BYTES = 2048;

/** Path of the program as the launch would find it: in its PATH, or where the name says. Undefined when it cannot be run. */
export async function findProgram(name: string, launch: { readonly env: Readonly<Record<string, string>>; readonly cwd: string }): Promise<string | undefined> {
  const candidates = name.includes('/')
    ? [isAbsolute(name) ? name : join(launch.cwd, name)]
    : (launch.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  for (const candidate of name === '' ? [] : candidates) {
    const runs = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return candidate;
  }
  return undefined;
}

/** The end of a container's output. */
export async function readLastWords(logFile: string): Promise<string> {
  const file = await open(logFile);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, FALLBACK_MESSAGE_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8');
  } finally {
    await file.close();
  }
}
