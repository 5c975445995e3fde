import { describe, expect, it } from 'vitest';
import { settle } from '../../test/support/fake-clock.ts';
import { writeConcurrently } from './write-concurrently.ts';

/** Writes that end only when told. */
function createGate() {
  const open: { item: number; finish: () => void; fail: (error: Error) => void }[] = [];
  const write = (item: number): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    open.push({ item, finish: resolve, fail: reject });
    return promise;
  };
  return { open, write };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('concurrent writes', () => {
  it('run no more than the bound at a time, start in order, and write every item once', async () => {
    const { open, write } = createGate();
    const done = writeConcurrently(numbers(10), write, { concurrency: 3, signal: new AbortController().signal });
    for (let finished = 0; finished < 10; finished += 1) {
      await settle();
      expect(open.length).toBe(Math.min(10, finished + 3));
      open[finished]?.finish();
    }
    await done;
    expect(open.map((one) => one.item)).toEqual(numbers(10));
  });

  it('start nothing after a failure, and wait for what has started', async () => {
    const { open, write } = createGate();
    let isSettled = false;
    const done = writeConcurrently(numbers(10), write, { concurrency: 3, signal: new AbortController().signal }).finally(() => {
      isSettled = true;
    });
    const rejected = expect(done).rejects.toThrow('first');
    await settle();
    open[1]?.fail(new Error('first'));
    open[0]?.finish();
    await settle();
    expect(isSettled).toBe(false);
    open[2]?.fail(new Error('second'));
    await rejected;
    expect(open).toHaveLength(3);
  });

  it('start nothing after an abort', async () => {
    const { open, write } = createGate();
    const stop = new AbortController();
    const rejected = expect(writeConcurrently(numbers(10), write, { concurrency: 2, signal: stop.signal })).rejects.toThrow();
    await settle();
    stop.abort();
    open[0]?.finish();
    open[1]?.finish();
    await rejected;
    expect(open).toHaveLength(2);
  });

  it('have nothing to do for no items', async () => {
    await writeConcurrently([], () => Promise.reject(new Error('never')), { concurrency: 4, signal: new AbortController().signal });
  });
});
