import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saaslicense-count-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

/** Runs vitest, with this reporter, on the given test files; the last line is what a CI would read. */
async function runTests(files: Record<string, string>, config = ''): Promise<{ lastLine: string; code: number }> {
  const reporter = JSON.stringify(join(root, 'test/tooling/count-reporter.ts'));
  const settings = `export default { test: { reporters: ['default', ${reporter}], maxWorkers: 1, ${config} } };`;
  await writeFile(join(folder, 'vitest.config.mjs'), settings);
  for (const [name, body] of Object.entries(files)) {
    await writeFile(join(folder, name), `import { beforeAll, describe, expect, it } from 'vitest';\n${body}`);
  }
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  return new Promise((resolve) => {
    execFile(process.execPath, [vitest, 'run', '--root', folder], { cwd: folder, env: { ...process.env, CI: '1' } }, (error, stdout) => {
      const lastLine = stdout.trimEnd().split('\n').at(-1) ?? '';
      resolve({ lastLine, code: typeof error?.code === 'number' ? error.code : 0 });
    });
  });
}

describe('the last line of a test run', { timeout: 60_000 }, () => {
  it('counts passed, failed and skipped tests alone on the line', async () => {
    const body = `it('a', () => {}); it('b', () => {}); it('c', () => { expect(1).toBe(2); }); it.skip('d', () => {});`;
    expect(await runTests({ 'a.test.mjs': body })).toEqual({ lastLine: '2 passed, 1 failed, 1 skipped', code: 1 });
  });

  it('says nothing of skipped tests when there are none', async () => {
    expect(await runTests({ 'a.test.mjs': `it('a', () => {});` })).toEqual({ lastLine: '1 passed, 0 failed', code: 0 });
  });

  it('counts a file that cannot be imported, and a hook that throws, as failures', async () => {
    const { lastLine, code } = await runTests({
      'broken.test.mjs': `import './missing.mjs';`,
      'hook.test.mjs': `describe('x', () => { beforeAll(() => { throw new Error('no'); }); it('never reached', () => {}); });`,
      'good.test.mjs': `it('a', () => {});`,
    });
    expect(lastLine).toBe('1 passed, 2 failed, 1 skipped');
    expect(code).toBe(1);
  });

  it('counts a global set-up that throws as a failure', async () => {
    await writeFile(join(folder, 'setup.mjs'), `export default () => { throw new Error('no control plane'); };`);
    const { lastLine, code } = await runTests({ 'a.test.mjs': `it('a', () => {});` }, `globalSetup: ['./setup.mjs']`);
    expect(lastLine).toMatch(/^0 passed, 1 failed/);
    expect(code).toBe(1);
  });
});
