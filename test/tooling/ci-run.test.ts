import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../.ci/run', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saaslicense-ci-'));
  await mkdir(join(folder, '.ci'));
  await copyFile(script, join(folder, '.ci/run'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

/** Runs the real script where `npm` is one that notes its arguments and does what the case says. */
async function run(npm: string): Promise<{ code: number; lastLine: string; calls: string[] }> {
  const path = join(folder, 'npm');
  await writeFile(path, `#!/bin/sh\necho "$*" >> "${folder}/calls"\ncase "$*" in\n${npm}\nesac\n`);
  await chmod(path, 0o755);
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  const { code, stdout } = await new Promise<{ code: number; stdout: string }>((resolve) => {
    execFile(join(folder, '.ci/run'), { cwd: '/', env }, (error, output) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout: output });
    });
  });
  const calls = (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
  return { code, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '', calls };
}

describe('.ci/run', () => {
  it('adds its five checks to the tests and exits 0 when all pass, from any folder', async () => {
    const result = await run(`test) echo '40 passed, 0 failed' ;;`);
    expect(result).toMatchObject({ code: 0, lastLine: '45 passed, 0 failed' });
    expect(result.calls).toEqual(['ci', 'test', ...['lint', 'typecheck', 'generate:check', 'crdlint', 'build'].map((name) => `run --silent ${name}`)]);
  });

  it('counts failed tests and goes on with the checks', async () => {
    const result = await run(`test) echo '38 passed, 2 failed, 1 skipped'; exit 1 ;;`);
    expect(result).toMatchObject({ code: 1, lastLine: '43 passed, 2 failed' });
    expect(result.calls).toHaveLength(7);
  });

  it('counts a check that fails', async () => {
    expect(await run(`test) echo '40 passed, 0 failed' ;; *crdlint) exit 1 ;;`)).toMatchObject({ code: 1, lastLine: '44 passed, 1 failed' });
  });

  it('counts tests that end without counting, or with an exit code that the counts do not explain', async () => {
    expect(await run(`test) echo 'Killed'; exit 137 ;;`)).toMatchObject({ code: 1, lastLine: '5 passed, 1 failed' });
    expect(await run(`test) echo '40 passed, 0 failed'; exit 1 ;;`)).toMatchObject({ code: 1, lastLine: '45 passed, 1 failed' });
  });

  it('stops when the install fails', async () => {
    expect(await run('ci) exit 1 ;;')).toEqual({ code: 1, lastLine: '0 passed, 1 failed', calls: ['ci'] });
  });
});
