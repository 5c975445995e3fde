import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ControlPlane } from '../control-plane/contract.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = (await Array.fromAsync(glob('docs/kinds/*.md', { cwd: root }))).toSorted((left, right) => left.localeCompare(right, 'en'));

let plane: ControlPlane;
let namespace: string;

beforeAll(async () => {
  plane = await attachControlPlane();
  namespace = await createNamespace('docs');
});

describe('the examples of the reference pages', () => {
  it('are there for all nine kinds', () => {
    expect(pages).toHaveLength(9);
  });

  it.each(pages)('%s: the API server takes every example', async (page) => {
    const text = await readFile(`${root}/${page}`, 'utf8');
    const examples = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const result = await plane.kubectl(['-n', namespace, 'create', '--dry-run=server', '-f', '-'], { input: example });
      expect(result).toMatchObject({ code: 0, stderr: '' });
    }
  });
});
