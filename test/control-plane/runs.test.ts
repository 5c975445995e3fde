import { describe, expect, it } from 'vitest';
import { cacheDirectory } from './directories.ts';
import { parseProcStat } from './process-identity.ts';
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
