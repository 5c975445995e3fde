import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderGeneratedFiles, type GeneratedFile } from './generated-files.ts';

/** `npm run generate` writes what is stale; with `--check` it only lists it, and exits 1 when anything is. */
async function main(check: boolean): Promise<number> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const stale = await findStale(root);
  if (stale.length === 0) console.log('Everything generated is current.');
  for (const file of stale) {
    console.log(`${check ? 'stale  ' : 'written'}  ${file.path}`);
    if (!check) await write(root, file);
  }
  if (!check || stale.length === 0) return 0;
  console.error('Run `npm run generate` and commit the result.');
  return 1;
}

async function findStale(root: string): Promise<GeneratedFile[]> {
  const stale: GeneratedFile[] = [];
  for (const file of await renderGeneratedFiles(root)) {
    const current = await readFile(join(root, file.path), 'utf8').catch(() => undefined);
    if (current !== file.text) stale.push(file);
  }
  return stale;
}

/** A file without text is to go: its kind is no more. */
async function write(root: string, { path, text }: GeneratedFile): Promise<void> {
  const file = join(root, path);
  if (text === undefined) return rm(file);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

process.exitCode = await main(process.argv.includes('--check'));
