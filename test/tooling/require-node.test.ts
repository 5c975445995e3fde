import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { explainOldNode } from './require-node.mjs';

describe('the check of Node at start', () => {
  it.each(['18.19.0', '20.20.2', '25.9.0'])('says in one line what to do with %s', (version) => {
    expect(explainOldNode(version)).toMatch(new RegExp(`needs Node 26 or newer and this is ${version.replaceAll('.', String.raw`\.`)}: run .npm ci.`));
    expect(explainOldNode(version)).not.toContain('\n');
  });

  it.each(['26.0.0', '26.10.0', '30.1.0'])('has nothing against %s', (version) => {
    expect(explainOldNode(version)).toBeUndefined();
  });

  it('asks for what package.json asks for', async () => {
    const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { engines: { node: string } };
    const least = /^>=(\d+)$/.exec(manifest.engines.node)?.[1] ?? '';
    expect(explainOldNode(`${least}.0.0`)).toBeUndefined();
    expect(explainOldNode(`${Number(least) - 1}.0.0`)).toBeDefined();
  });

  it('lets a program run that is started with it', async () => {
    const preload = fileURLToPath(new URL('require-node.mjs', import.meta.url));
    const stdout = await new Promise<string>((resolve) => {
      execFile(process.execPath, ['--import', preload, '--eval', 'console.log("ran")'], (_error, output) => resolve(output));
    });
    expect(stdout).toBe('ran\n');
  });
});
