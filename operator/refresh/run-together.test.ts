import { describe, expect, it } from 'vitest';
import { settle } from '../../test/support/fake-clock.ts';
import { runTogether } from './run-together.ts';

const never = new AbortController().signal;

/** Work that ends only when it is stopped, and then slowly. */
function untilStopped(signal: AbortSignal, ended: string[]): Promise<string> {
  const { promise, reject } = Promise.withResolvers<string>();
  async function end(): Promise<void> {
    await settle();
    ended.push('stopped');
    reject(new Error('stopped'));
  }
  signal.addEventListener('abort', () => void end());
  return promise;
}

describe('two pieces of work at the same time', () => {
  it('give both answers', async () => {
    expect(await runTogether(async () => 1, async () => 'a', never)).toEqual([1, 'a']);
  });

  it('end together when one fails, and throw what failed first', async () => {
    const ended: string[] = [];
    const fail = async (): Promise<never> => {
      throw new Error('first');
    };
    await expect(runTogether((signal) => untilStopped(signal, ended), fail, never)).rejects.toThrow('first');
    await expect(runTogether(fail, (signal) => untilStopped(signal, ended), never)).rejects.toThrow('first');
    expect(ended).toEqual(['stopped', 'stopped']);
  });

  it('are told when the run is told to end', async () => {
    const stop = new AbortController();
    const ended: string[] = [];
    const both = runTogether((signal) => untilStopped(signal, ended), async () => 'a', stop.signal);
    stop.abort();
    await expect(both).rejects.toThrow('stopped');
  });
});
