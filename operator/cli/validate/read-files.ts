import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { terminal } from '../../api/errors.ts';
import { codeOf } from '../position/write-file.ts';

export interface ManifestText {
  readonly file: string;
  readonly text: string;
}

/** Ends of the names of manifests in a directory; a file that is named itself may be called anything. */
const manifestName = /\.(yaml|yml|json)$/;

/**
 * The texts of files, of the manifests of directories and all that are in them, and of the standard input for `-`; in the order
 * given, those of a directory by name.
 * @throws OperatorError (Terminal) that says which file cannot be read.
 */
export async function readManifestTexts(paths: readonly string[], stdin: NodeJS.ReadableStream): Promise<ManifestText[]> {
  const texts: ManifestText[] = [];
  for (const path of paths) {
    if (path === '-') texts.push({ file: '-', text: await readText(stdin) });
    else for (const file of await filesOf(path)) texts.push({ file, text: await read(file) });
  }
  return texts;
}

async function filesOf(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory() && manifestName.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
    return files.toSorted((a, b) => (a < b ? -1 : 1));
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(path: string, error: unknown): Error {
  return terminal('ManifestsUnreadable', `${path} cannot be read (${codeOf(error)}): name files or directories of manifests, or - for the standard input.`);
}
