import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/product.ts';
import { describeHowToGoOn } from '../demo/show.ts';
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

  it('every command that it prints is for its own control plane, whatever runs beside it', () => {
    const text = describeHowToGoOn({
      name: 'demo-17',
      plane: { kubeconfig: 'run/a/kubeconfig' },
      simulator: { url: 'http://127.0.0.1:1' } as never,
      operator: { telemetryUrl: 'http://127.0.0.1:2', logFile: 'run/a/operator.log' } as never,
    });
    const commands = text.split('\n').filter((line) => line.includes('control-plane -- '));
    expect(commands).toHaveLength(4);
    for (const command of commands) expect(command).toContain(' kubectl --name demo-17 ');
  });

  it.each(['abc', '0', '-3', '1.5', '20000', ''])('--users %s is refused at once, with how it is used', (users) => {
    const run = spawnSync(process.execPath, [join(root, 'test/demo/main.ts'), `--users=${users}`], { encoding: 'utf8' });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('--users must be a whole number');
    expect(run.stderr).toContain('usage:');
  });
});
