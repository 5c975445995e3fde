import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const canary = 'CANARY-9f3b1c7e';
const report = new URL('crash-report.ts', import.meta.url).href;

/** What a program prints on stderr that fails so, and its exit code. */
function crash(failing: string, reports = true): { readonly status: number | null; readonly stderr: string } {
  const script = `
    import got from 'got';
    ${reports ? `import { reportCrashes } from '${report}';\nreportCrashes(process);` : ''}
    const call = () => got('http://127.0.0.1:1/users?token=' + process.env.PLANTED, { headers: { authorization: 'Bearer ' + process.env.PLANTED }, retry: { limit: 0 } });
    ${failing}
    setInterval(() => undefined, 1000);`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', cwd: import.meta.dirname, env: { ...process.env, PLANTED: canary }, timeout: 30_000 });
  return { status, stderr };
}

const ways: readonly (readonly [string, string])[] = [
  ['a rejection that nobody hears', 'void call();'],
  ['a rejection of the main module', 'await call();'],
  ['an error that is thrown in a timer', 'call().catch((error) => setTimeout(() => { throw error; }));'],
  ['an error event of a stream', 'const { Readable } = await import("node:stream"); call().catch((error) => new Readable({ read() { this.destroy(error); } }).resume());'],
  ['an error as the cause of another', 'call().catch((error) => { throw new Error("around " + process.env.PLANTED, { cause: error }); });'],
  ['an error with the words of a mail server', 'void Promise.reject(Object.assign(new Error("no " + process.env.PLANTED), { response: process.env.PLANTED, command: "AUTH" }));'],
  ['something that is no error', 'void Promise.reject({ authorization: process.env.PLANTED });'],
];

describe('guard 7: an error that ends the process', () => {
  it.each(ways)('%s: is one line on stderr, without what the error holds', (_way, failing) => {
    const { status, stderr } = crash(failing);
    expect(stderr).not.toContain(canary);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stderr)).toMatchObject({ level: 'fatal', err: { name: expect.any(String) as unknown }, msg: 'The process ends because of an uncaught error.' });
    expect(status).toBe(1);
  });

  it('would be printed with all its properties by Node itself', () => {
    expect(crash('void Promise.reject(Object.assign(new Error("x"), { response: process.env.PLANTED }));', false).stderr).toContain(canary);
  });
});
