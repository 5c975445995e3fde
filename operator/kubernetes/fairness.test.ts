import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock, settle } from '../../test/support/fake-clock.ts';
import { createSeededRandom } from '../../test/support/seeded-random.ts';
import { runController } from './controller.ts';
import { createWorkQueue, priorities, type WorkQueueOptions } from './work-queue.ts';

type Share = NonNullable<WorkQueueOptions['share']>;

const never = new AbortController().signal;
const share: Share = { perGroup: 4, slots: 5, slotMs: 250 };

function setup(own: Share | undefined = share) {
  const clock = createFakeClock();
  return { clock, queue: createWorkQueue({ clock, random: createSeededRandom(7), name: 'test', ...(own === undefined ? {} : { share: own }) }) };
}

const others = Array.from({ length: 49 }, (_, index) => `team-${index}`);
const deadlineMs = 10_000;
const seconds = 25;

/** How long keys of 49 namespaces waited, two a second each, of 20 to 60 ms; beside them one whose every key takes its full deadline. */
async function waits({ hostile, own, workers }: { readonly hostile: boolean; readonly own: Share | undefined; readonly workers: number }): Promise<number[]> {
  const { clock, queue } = setup(own);
  const random = createSeededRandom(11);
  const stop = new AbortController();
  const added = new Map<string, number>();
  const waited: number[] = [];
  const reconcile = async (key: string, { signal }: { readonly signal: AbortSignal }): Promise<void> => {
    if (key.startsWith('hostile/')) return clock.sleep(10 * deadlineMs, signal);
    waited.push(clock.now() - (added.get(key) ?? Number.NaN));
    return clock.sleep(20 + Math.floor(40 * random()), signal);
  };
  const ended = runController({ name: 'test', queue, concurrency: workers, reconcile, clock, timeoutMs: deadlineMs, signal: stop.signal, hardSignal: stop.signal });
  if (hostile) for (let index = 0; index < 1000; index += 1) queue.add(`hostile/candidate-${index}`);
  for (let second = 0; second < seconds; second += 1) {
    for (const name of others) {
      for (const index of [0, 1]) {
        const key = `${name}/candidate-${second}-${index}`;
        added.set(key, clock.now());
        queue.add(key);
      }
    }
    await clock.advance(1000);
  }
  const [now, length] = [clock.now(), queue.length];
  // Whoever still waits has waited for that long at least.
  if (waited.length < added.size) waited.push(...Array.from({ length: added.size - waited.length }, () => now - (added.values().next().value ?? 0)));
  expect(hostile || length === 0).toBe(true);
  stop.abort();
  queue.shutdown();
  await ended;
  return waited;
}

const p95 = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(0.95 * values.length)] ?? Number.NaN;

describe('guard 12: 50 namespaces, and one in which each key takes its full deadline', () => {
  it('guard 12: keeps the others waiting for a fifth longer at most, at the 95th percentile', async () => {
    const without = p95(await waits({ hostile: false, own: share, workers: 64 }));
    const beside = p95(await waits({ hostile: true, own: share, workers: 64 }));
    expect(without).toBeGreaterThan(100);
    expect(beside / without).toBeLessThanOrEqual(1.2);
  });

  it('without shares it would keep them waiting for ever', async () => {
    expect(p95(await waits({ hostile: true, own: undefined, workers: share.slots }))).toBeGreaterThan(seconds * 500);
  });
});

describe('guard 12: the share of a namespace', () => {
  it('guard 12: no more keys of one namespace are in work than its share; the next comes when one of them is done', async () => {
    const { clock, queue } = setup();
    for (let index = 0; index < 10; index += 1) queue.add(`a/${index}`);
    const taken = [await queue.get(never), await queue.get(never), await queue.get(never), await queue.get(never)];
    let next: string | undefined;
    const waiting = queue.get(never).then((key) => (next = key));
    await clock.advance(60_000);
    expect(next).toBeUndefined();
    queue.add('b/0');
    expect(await waiting).toBe('b/0');
    const after = queue.get(never);
    queue.done(taken[0]!);
    expect(await after).toBe('a/4');
  });

  it('guard 12: what takes longer than a moment gives its slot to somebody else', async () => {
    const { clock, queue } = setup();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) queue.add(`${name}/0`);
    for (let slot = 0; slot < share.slots; slot += 1) await queue.get(never);
    let next: string | undefined;
    void queue.get(never).then((key) => (next = key));
    await clock.advance(share.slotMs - 1);
    expect(next).toBeUndefined();
    await clock.advance(1);
    expect(next).toBe('f/0');
    queue.shutdown();
    await settle();
    expect(clock.waiting()).toEqual([]);
  });

  it('namespaces take turns by the time that they have had, not by the number of their keys', async () => {
    const { clock, queue } = setup({ ...share, perGroup: 1, slots: 1 });
    for (let index = 0; index < 30; index += 1) queue.add(`slow/${index}`);
    for (let index = 0; index < 30; index += 1) queue.add(`fast/${index}`);
    const counts = { slow: 0, fast: 0 };
    for (let turn = 0; turn < 22; turn += 1) {
      const key = await queue.get(never);
      const isSlow = key.startsWith('slow/');
      counts[isSlow ? 'slow' : 'fast'] += 1;
      await clock.advance(isSlow ? 200 : 20);
      queue.done(key);
    }
    expect(counts).toEqual({ slow: 2, fast: 20 });
  });

  it('whoever was away has saved up nothing', async () => {
    const { clock, queue } = setup({ ...share, perGroup: 1, slots: 1 });
    const work = async (): Promise<string> => {
      const key = await queue.get(never);
      await clock.advance(100);
      queue.done(key);
      return key;
    };
    for (let index = 0; index < 50; index += 1) {
      queue.add('busy/0');
      await work();
    }
    for (let index = 0; index < 3; index += 1) {
      queue.add(`busy/${index}`);
      queue.add(`back/${index}`);
    }
    const order = [await work(), await work(), await work(), await work()].map((key) => key.slice(0, key.indexOf('/')));
    expect(order.toSorted()).toEqual(['back', 'back', 'busy', 'busy']);
  });

  it('guard 12: edits of one namespace without end leave a turn of four to what is only due in others', async () => {
    const { clock, queue } = setup({ ...share, perGroup: 1, slots: 1 });
    for (let index = 0; index < 10; index += 1) queue.add(`quiet/${index}`, { priority: priorities.background });
    let due = 0;
    for (let turn = 0; turn < 40; turn += 1) {
      queue.add(`busy/${turn}`, { priority: priorities.userEdit });
      const key = await queue.get(never);
      if (key.startsWith('quiet/')) due += 1;
      await clock.advance(10);
      queue.done(key);
    }
    expect(due).toBe(10);
  });

  it('whatever is added and done, no namespace has more than its share in work, and no slot is free while somebody may have it', async () => {
    const act = fc.oneof(
      fc.record({ add: fc.constantFrom('a', 'b', 'c', 'd').chain((name) => fc.integer({ min: 0, max: 4 }).map((index) => `${name}/${index}`)), priority: fc.constantFrom(-100, 0) }),
      fc.record({ done: fc.nat() }),
      fc.record({ advance: fc.integer({ min: 1, max: 400 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
        const own = { perGroup: 2, slots: 3, slotMs: 250 };
        const { clock, queue } = setup(own);
        const inWork = new Map<string, number>();
        const ready = new Set<string>();
        const worker = async (): Promise<void> => {
          for (;;) {
            const key = await queue.get(never);
            ready.delete(key);
            inWork.set(key, clock.now());
          }
        };
        const workers = Array.from({ length: 16 }, () => worker().catch(() => undefined));
        for (const one of acts) {
          if ('add' in one) {
            if (!inWork.has(one.add)) ready.add(one.add);
            queue.add(one.add, { priority: one.priority });
          } else if ('done' in one) {
            const key = [...inWork.keys()][one.done % Math.max(1, inWork.size)];
            if (key !== undefined) {
              inWork.delete(key);
              queue.done(key);
            }
          } else await clock.advance(one.advance);
          await settle(1);
          const running = (name: string): number => [...inWork.keys()].filter((key) => key.startsWith(`${name}/`)).length;
          for (const name of ['a', 'b', 'c', 'd']) expect(running(name)).toBeLessThanOrEqual(own.perGroup);
          const held = [...inWork.values()].filter((at) => clock.now() - at < own.slotMs).length;
          expect(held).toBeLessThanOrEqual(own.slots);
          if (held < own.slots) expect([...ready].filter((key) => running(key.slice(0, 1)) < own.perGroup)).toEqual([]);
        }
        queue.shutdown();
        await Promise.all(workers);
      }),
      { seed: 5, numRuns: 100 },
    );
  });
});
