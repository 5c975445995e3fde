import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type BuildOptions } from 'esbuild';

/** Some packages inside are CommonJS and ask for `require`, which an ES module does not have. */
const banner = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const options = {
  entryPoints: ['operator/main.ts'],
  bundle: true,
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
  logLevel: 'warning',
} satisfies BuildOptions;

/** Makes `dist/saaslicense.mjs`, all that the image needs besides Node. Returns its path. */
export async function bundle(root: string, folder: string): Promise<string> {
  const outfile = join(folder, 'saaslicense.mjs');
  await rm(outfile, { force: true });
  await mkdir(folder, { recursive: true });
  await build({ ...options, absWorkingDir: root, outfile });
  return outfile;
}

async function main(): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const text = await readFile(await bundle(root, join(root, 'dist')));
  const kib = (bytes: number) => `${Math.round(bytes / 1024)} KiB`;
  console.log(`dist/saaslicense.mjs  ${kib(text.length)}, ${kib(gzipSync(text).length)} compressed`);
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    // esbuild has said already where the fault is; a stack trace of its inside says nothing more.
    if (!(error instanceof Error && 'errors' in error)) console.error(error);
    process.exitCode = 1;
  });
}
