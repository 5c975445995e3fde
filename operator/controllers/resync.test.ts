import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { runController, type ReconcileOutcome } from '../kubernetes/controller.ts';
import { createWorkQueue } from '../kubernetes/work-queue.ts';
import { drawResync, isResynced, wakeBefore } from './resync.ts';

describe('looking again', () => {
  it('a pass with nothing due before the resync is a success, not work to come', () => {
    expect(wakeBefore(600_000, undefined)).toEqual({});
    expect(wakeBefore(600_000, 36 * 3_600_000)).toEqual({});
    expect(wakeBefore(600_000, 5_000)).toEqual({ requeueAfterMs: 5_000 });
  });

  it('what is there is looked at again every ten minutes or so, also what only a person can mend', () => {
    expect(isResynced('success', true)).toBe(true);
    expect(isResynced('terminal', true)).toBe(true);
    expect(isResynced('requeue_after', true)).toBe(false);
    expect([drawResync(() => 0), drawResync(() => 1)]).toEqual([540_000, 660_000]);
  });

  it('a key whose object was deleted is let go', async () => {
    const clock = createFakeClock();
    const queue = createWorkQueue({ clock, random: () => 0.5, name: 'test' });
    const objects = new Set(['a/there', 'a/gone']);
    const passes: string[] = [];
    const stop = new AbortController();
    const onOutcome = ({ key, result }: ReconcileOutcome): void => {
      if (isResynced(result, objects.has(key))) queue.addAfter(key, drawResync(() => 0.5));
    };
    const reconcile = async (key: string): Promise<object> => {
      passes.push(key);
      return wakeBefore(600_000, undefined);
    };
    const running = runController({ name: 'test', queue, concurrency: 1, clock, signal: stop.signal, reconcile, onOutcome });
    for (const key of objects) queue.add(key);
    await clock.advance(1);
    objects.delete('a/gone');
    queue.add('a/gone');
    await clock.advance(1_300_000);
    expect(passes.filter((key) => key === 'a/gone')).toHaveLength(2);
    expect(passes.filter((key) => key === 'a/there')).toHaveLength(3);
    stop.abort();
    await running;
  });
});
