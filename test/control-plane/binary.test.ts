import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureBinary } from './binary.ts';

let cache: string;
const log: string[] = [];

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'binary-test-'));
  log.length = 0;
});

afterEach(async () => {
  await rm(cache, { recursive: true, force: true });
});

async function ensure(compile: (target: string) => Promise<void>, signal = new AbortController().signal): Promise<string> {
  return ensureBinary({ cache, key: 'v1', compile, signal, pollMs: 5, log: (line) => log.push(line) });
}

async function compileFast(target: string): Promise<void> {
  await writeFile(target, 'compiled');
}

async function neverCompile(): Promise<void> {
  throw new Error('must not be compiled');
}

describe('the cached binary', () => {
  it('is compiled once and then found', async () => {
    const binary = await ensure(compileFast);
    expect(binary).toBe(join(cache, 'v1', 'control-plane'));
    await expect(ensure(neverCompile)).resolves.toBe(binary);
    await expect(readdir(join(cache, 'v1'))).resolves.toEqual(['control-plane']);
  });

  it('is not there under its name before it is whole', async () => {
    await ensure(async (target) => {
      expect(target).not.toBe(join(cache, 'v1', 'control-plane'));
      await writeFile(target, 'half');
      await expect(readFile(join(cache, 'v1', 'control-plane'))).rejects.toThrow('ENOENT');
      await writeFile(target, 'whole');
    });
    await expect(readFile(join(cache, 'v1', 'control-plane'), 'utf8')).resolves.toBe('whole');
  });

  it('is waited for while another compiles it, and the wait is said', async () => {
    const begun = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<undefined>();
    const first = ensure(async (target) => {
      begun.resolve(undefined);
      await goOn.promise;
      await compileFast(target);
    });
    await begun.promise;
    const second = ensure(neverCompile);
    // Only now: a first one that is too quick would be found, not waited for.
    await expect.poll(() => log).toHaveLength(1);
    goOn.resolve(undefined);
    await expect(Promise.all([first, second])).resolves.toEqual([join(cache, 'v1', 'control-plane'), join(cache, 'v1', 'control-plane')]);
    expect(log).toEqual([`waiting: process ${process.pid} is compiling the control plane (0 s)`]);
  });

  it('is compiled by the next when the first one fails, and nothing half is kept', async () => {
    await expect(
      ensure(async (target) => {
        await writeFile(target, 'half');
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken');
    await expect(readdir(join(cache, 'v1'))).resolves.toEqual([]);
    await expect(ensure(compileFast)).resolves.toBe(join(cache, 'v1', 'control-plane'));
  });

  it.each([
    { title: 'a process that is gone', holder: JSON.stringify({ host: hostname(), pid: 2 ** 22 + 1, started: '1' }) },
    { title: 'an earlier process with the same id', holder: JSON.stringify({ host: hostname(), pid: process.pid, started: 'before' }) },
    { title: 'nobody', holder: 'nonsense' },
  ])('is compiled in spite of a lock of $title', async ({ holder }) => {
    await mkdir(join(cache, 'v1'));
    await symlink(holder, join(cache, 'v1', 'compiling'));
    await writeFile(join(cache, 'v1', 'control-plane.0ld'), 'half of a killed compilation');
    await ensure(compileFast);
    await expect(readdir(join(cache, 'v1'))).resolves.toEqual(['control-plane']);
  });

  it('is not waited for beyond an abort', async () => {
    await mkdir(join(cache, 'v1'));
    await symlink(JSON.stringify({ host: 'another-host', pid: 1, started: '1' }), join(cache, 'v1', 'compiling'));
    const abort = new AbortController();
    const waiting = ensure(neverCompile, abort.signal);
    abort.abort();
    await expect(waiting).rejects.toThrow('abort');
  });
});
