import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/product.ts';
import { closeAll } from '../demo/stage.ts';

describe('the demo', () => {
  it('what was started is ended, each whatever becomes of the one before', async () => {
    const ended: string[] = [];
    const closer = (name: string, error?: Error) => async (): Promise<void> => {
      ended.push(name);
      if (error !== undefined) throw error;
    };
    const closing = closeAll([closer('operator', new Error('hangs')), closer('pods', new Error('too')), closer('plane')]);
    await expect(closing).rejects.toThrow('hangs; too');
    expect(ended).toEqual(['operator', 'pods', 'plane']);
    await expect(closeAll([closer('again', new Error('one'))])).rejects.toThrow('one');
    await closeAll([]);
  });

  it.each(['abc', '0', '-3', '1.5', '20000', ''])('--users %s is refused at once, with how it is used', (users) => {
    const run = spawnSync(process.execPath, [join(root, 'test/demo/main.ts'), `--users=${users}`], { encoding: 'utf8' });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('--users must be a whole number');
    expect(run.stderr).toContain('usage:');
  });
});
