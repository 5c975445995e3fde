import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type BuildOptions } from 'esbuild';

/** Some packages inside are CommonJS and ask for `require`, which an ES module does not have. */
const banner = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const options = {
  entryPoints: { saaslicense: 'operator/main.ts' },
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  // What a command loads only when it runs stays apart: a refresh takes a quarter less memory and time to start.
  splitting: true,
  platform: 'node',
  target: 'node26',
  format: 'esm',
  minify: true,
  // Error classes and functions keep their names in logs.
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'linked',
  banner: { js: banner },
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions;

/**
 * Makes `saaslicense.mjs` and its chunks in the folder, which is emptied first: all that the image needs
 * besides Node. Returns the paths of the JavaScript files.
 */
export async function bundle(root: string, folder: string): Promise<string[]> {
  await rm(folder, { recursive: true, force: true });
  const { metafile } = await build({ ...options, absWorkingDir: root, outdir: folder });
  return Object.keys(metafile.outputs)
    .filter((path) => path.endsWith('.mjs'))
    .map((path) => join(root, path));
}

async function main(): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const files = await Promise.all((await bundle(root, join(root, 'dist'))).map(async (path) => readFile(path)));
  const sum = (sizes: number[]) => `${Math.round(sizes.reduce((total, size) => total + size, 0) / 1024)} KiB`;
  console.log(`dist/saaslicense.mjs  ${sum(files.map((file) => file.length))}, ${sum(files.map((file) => gzipSync(file).length))} compressed, ${files.length} files`);
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    // esbuild has said already where the fault is; a stack trace of its inside says nothing more.
    if (!(error instanceof Error && 'errors' in error)) console.error(error);
    process.exitCode = 1;
  });
}
