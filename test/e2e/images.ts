import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../support/product.ts';
import { bundle } from '../tooling/bundle.ts';
import { must } from './commands.ts';

export const productImage = { repository: 'saas-license-operator', tag: 'e2e' } as const;
export const simulatorImage = 'pagerduty-simulator:e2e';

/** Base of both images. */
export function nodeImage(): string {
  return process.env['NODE_IMAGE'] ?? 'node:26-bookworm-slim';
}

/** The product's image, of the bundle made here: the Dockerfile's builder would need npm's registry in a container. */
export async function buildProductImage(signal: AbortSignal): Promise<void> {
  await bundle(root, join(root, 'dist'));
  const tag = `${productImage.repository}:${productImage.tag}`;
  await must(['docker', 'build', '--build-arg', 'BUNDLE=host', '--build-arg', 'PINNED=no', '--build-arg', `NODE_IMAGE=${nodeImage()}`, '-t', tag, '.'], { cwd: root, signal });
}

/** The simulator's, for this test only. */
export async function buildSimulatorImage(signal: AbortSignal): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'saaslicense-simulator-'));
  try {
    await build({
      entryPoints: [join(root, 'test/e2e/simulator/main.ts')],
      outfile: join(context, 'simulator.mjs'),
      bundle: true,
      platform: 'node',
      target: 'node26',
      format: 'esm',
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
      logLevel: 'warning',
    });
    await copyFile(join(root, 'test/e2e/simulator/Dockerfile'), join(context, 'Dockerfile'));
    await must(['docker', 'build', '--build-arg', `NODE_IMAGE=${nodeImage()}`, '-t', simulatorImage, context], { signal });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}
