import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from './bundle.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
let files: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saaslicense-bundle-'));
  files = await bundle(root, join(folder, 'dist'));
}, 60_000);
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** Runs the bundle where no node_modules is in reach. */
async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(folder, 'dist/saaslicense.mjs'), ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

describe('the bundle of the operator', () => {
  it('runs without node_modules', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('usage: saaslicense') as unknown, stderr: '' });
  });

  it('loads what a command needs, and fails by its own rules', async () => {
    const { code, stdout, stderr } = await run('refresh', 'subscriptions');
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/command line/i);
    expect(stdout + stderr).not.toMatch(/ERR_MODULE_NOT_FOUND|Dynamic require/);
  });

  it('is an entry and chunks', () => {
    expect(files).toContain(join(folder, 'dist/saaslicense.mjs'));
    expect(files.length).toBeGreaterThan(1);
  });
});
