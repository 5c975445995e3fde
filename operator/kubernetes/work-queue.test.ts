import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock, settle, type FakeClock } from '../../test/support/fake-clock.ts';
import { createSeededRandom } from '../../test/support/seeded-random.ts';
import { createWorkQueue, priorities, type WorkQueue } from './work-queue.ts';

const never = new AbortController().signal;

function setup(): { clock: FakeClock; queue: WorkQueue } {
  const clock = createFakeClock();
  return { clock, queue: createWorkQueue({ clock, random: createSeededRandom(7), name: 'test' }) };
}

/** Takes everything that is ready, as one worker would. */
async function drain(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.length > 0) {
    const key = await queue.get(never);
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

describe('order', () => {
  it('takes a user edit before the start-up list, and equals by age', async () => {
    const { queue } = setup();
    queue.add('old-1', { priority: priorities.background });
    queue.add('old-2', { priority: priorities.background });
    queue.add('edit', { priority: priorities.userEdit });
    expect(await drain(queue)).toEqual(['edit', 'old-1', 'old-2']);
  });

  it('keeps a key once, at the highest priority that it was given', async () => {
    const { queue } = setup();
    queue.add('a');
    queue.add('b', { priority: -100 });
    queue.add('b', { priority: 5 });
    queue.add('b', { priority: -100 });
    expect(queue.length).toBe(2);
    expect(await drain(queue)).toEqual(['b', 'a']);
  });

  it('hands out every key once and by priority, whatever was added', async () => {
    const adds = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), priority: fc.integer({ min: -3, max: 3 }) }));
    await fc.assert(
      fc.asyncProperty(adds, async (list) => {
        const { queue } = setup();
        const highest = new Map<string, number>();
        for (const { key, priority } of list) {
          queue.add(key, { priority });
          highest.set(key, Math.max(priority, highest.get(key) ?? priority));
        }
        const keys = await drain(queue);
        expect(keys.toSorted()).toEqual([...highest.keys()].sort());
        const taken = keys.map((key) => highest.get(key) ?? 0);
        expect(taken).toEqual(taken.toSorted((a, b) => b - a));
      }),
      { seed: 11, numRuns: 200 },
    );
  });
});

describe('one worker a key', () => {
  it('gives a key that was added during its work again after it, not before', async () => {
    const { queue } = setup();
    queue.add('a');
    const key = await queue.get(never);
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done(key);
    expect(await drain(queue)).toEqual(['a']);
  });

  it('serves workers that wait in the order in which they came', async () => {
    const { queue } = setup();
    const first = queue.get(never);
    const second = queue.get(never);
    queue.add('a');
    queue.add('b');
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
  });

  it('loses no key to a worker that leaves in the same moment', async () => {
    const { queue } = setup();
    const leaving = new AbortController();
    const left = queue.get(leaving.signal);
    leaving.abort(new Error('leaving'));
    queue.add('a');
    await expect(left).rejects.toThrow('leaving');
    expect(await drain(queue)).toEqual(['a']);
  });
});

describe('later', () => {
  it('queues a key when its time has come, the earliest wish counting', async () => {
    const { clock, queue } = setup();
    queue.addAfter('a', 5_000);
    queue.addAfter('a', 1_000);
    queue.addAfter('a', 60_000);
    await clock.advance(999);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(await drain(queue)).toEqual(['a']);
    await clock.advance(60_000);
    expect(queue.length).toBe(0);
  });

  it('sleeps once for all delayed keys, and never too long for a timer', async () => {
    const { clock, queue } = setup();
    for (let n = 0; n < 100; n += 1) queue.addAfter(`k${n}`, 40 * 86_400_000 + n);
    await settle();
    expect(clock.waiting()).toEqual([86_400_000]);
    for (let day = 0; day < 40; day += 1) await clock.advance(86_400_000);
    await clock.advance(99);
    expect(await drain(queue)).toHaveLength(100);
    expect(clock.waiting()).toEqual([]);
  });

  it('merges a later wish into an edit that comes first', async () => {
    const { clock, queue } = setup();
    queue.addAfter('a', 1_000, { priority: 3 });
    queue.add('b');
    queue.add('a', { priority: -100 });
    expect(await drain(queue)).toEqual(['a', 'b']);
    await clock.advance(2_000);
    expect(queue.length).toBe(0);
  });

  it('keeps the priority of the work for what the work puts off', async () => {
    const { clock, queue } = setup();
    queue.add('background', { priority: -100 });
    const key = await queue.get(never);
    queue.addAfter(key, 1_000);
    queue.done(key);
    queue.addAfter('edit', 1_000);
    await clock.advance(1_000);
    expect(await drain(queue)).toEqual(['edit', 'background']);
  });
});

describe('back-off', () => {
  it('doubles from 200 ms to 5 minutes, ±10 %, for each key alone, until it is forgotten', () => {
    const { queue } = setup();
    for (let n = 0; n < 20; n += 1) {
      const expected = Math.min(200 * 2 ** n, 300_000);
      const delay = queue.addRateLimited('a');
      expect(delay).toBeGreaterThanOrEqual(expected * 0.9);
      expect(delay).toBeLessThanOrEqual(expected * 1.1);
    }
    expect(queue.retries('a')).toBe(20);
    expect(queue.addRateLimited('b')).toBeLessThanOrEqual(220);
    queue.forget('a');
    expect(queue.addRateLimited('a')).toBeLessThanOrEqual(220);
  });

  it('waits at least as long as the other side asked for', () => {
    const { queue } = setup();
    expect(queue.addRateLimited('a', { atLeastMs: 7_000 })).toBe(7_000);
  });
});

describe('end', () => {
  it('lets workers go, drops what waits and leaves no timer', async () => {
    const { clock, queue } = setup();
    const waiting = queue.get(never);
    queue.addAfter('later', 1_000);
    queue.shutdown();
    await expect(waiting).rejects.toThrow('shut down');
    queue.add('a');
    expect(queue.length).toBe(0);
    await expect(queue.get(never)).rejects.toThrow('shut down');
    await settle();
    expect(clock.waiting()).toEqual([]);
  });
});

it('tells what is waiting and how long work has been going on', async () => {
  const { clock, queue } = setup();
  queue.add('a');
  queue.add('b');
  queue.add('c');
  await queue.get(never);
  await clock.advance(2_000);
  await queue.get(never);
  await clock.advance(1_000);
  expect(queue.state()).toEqual({ depth: 1, unfinishedSeconds: 4, longestRunningSeconds: 3 });
});
