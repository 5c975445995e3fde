import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheDirectory, createRunDirectory, removeStaleRuns } from './directories.ts';
import { deleteKindCluster } from './engines.ts';
import { identifyProcess, parseProcStat } from './process-identity.ts';
import { pickRun, type Run } from './runs.ts';

function run(name: string): Run {
  return { directory: `/run/${name}`, name, owner: { host: 'h', pid: 1, started: '1' } };
}

describe('finding a control plane', () => {
  it('takes the one that is named', () => {
    expect(pickRun([run('default'), run('mine')], 'mine')?.name).toBe('mine');
    expect(pickRun([run('default')], 'mine')).toBeUndefined();
  });

  it('takes "default" when none is named, else the only one', () => {
    expect(pickRun([run('mine'), run('default')], undefined)?.name).toBe('default');
    expect(pickRun([run('')], undefined)?.directory).toBe('/run/');
    expect(pickRun([run('a'), run('b')], undefined)).toBeUndefined();
  });
});

describe('the cache folder', () => {
  it('is where XDG_CACHE_HOME says, else in the home folder', () => {
    expect(cacheDirectory({ XDG_CACHE_HOME: '/x' })).toBe('/x/saas-license-operator/control-plane');
    expect(cacheDirectory({ XDG_CACHE_HOME: '' })).toMatch(/\/\.cache\/saas-license-operator\/control-plane$/u);
  });
});

describe('what a run that was killed left', () => {
  let cache: string;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'control-plane-'));
  });
  afterEach(async () => rm(cache, { recursive: true }));

  async function leave(name: string, kindCluster?: string): Promise<void> {
    const directory = join(cache, 'run', name);
    await mkdir(directory, { recursive: true });
    const self = (await identifyProcess())!;
    await writeFile(join(directory, 'owner.json'), JSON.stringify({ owner: { ...self, started: 'long ago' }, kindCluster }));
  }

  it('is removed, its cluster first; what runs is left alone', async () => {
    const mine = await createRunDirectory(cache);
    await leave('killed');
    await leave('killed-with-cluster', 'saaslicense-1');
    const taken: string[] = [];
    await removeStaleRuns(cache, async (cluster) => taken.push(cluster) > 0);
    expect(taken).toEqual(['saaslicense-1']);
    expect(await readdir(join(cache, 'run'))).toEqual([mine.split('/').at(-1)]);
  });

  it('is kept while its cluster cannot be taken down, and stops no run', async () => {
    await leave('killed', 'saaslicense-1');
    await removeStaleRuns(cache, async () => false);
    expect(await readdir(join(cache, 'run'))).toEqual(['killed']);
  });

  it('stops no run where there is no kind, which then says so', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = cache;
    try {
      expect(await deleteKindCluster('saaslicense-1')).toContain('ENOENT');
    } finally {
      process.env['PATH'] = path;
    }
  });
});

describe('the identity of a process', () => {
  const after = 'S 1 42 42 0 -1 4194560 9 0 0 0 1 2 0 0 20 0 7 0 987654 1 1';

  it('is its start, whatever its name holds', () => {
    expect(parseProcStat(`42 (node) ${after}`)).toBe('987654');
    expect(parseProcStat(`42 (a) S (b) ${after}`)).toBe('987654');
  });

  it('is not that of a process that has ended and is only waited for', () => {
    expect(parseProcStat(`42 (node) ${after.replace('S', 'Z')}`)).toBeUndefined();
  });
});
