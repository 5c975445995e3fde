import { describe, expect, it } from 'vitest';
import { createFakeClock, settle, type FakeClock } from '../../test/support/fake-clock.ts';
import { createSeededRandom } from '../../test/support/seeded-random.ts';
import { conflict, retryable, terminal, waiting } from '../api/errors.ts';
import { runController, type ControllerOptions, type ReconcileOutcome } from './controller.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

interface Setup {
  clock: FakeClock;
  queue: WorkQueue;
  outcomes: ReconcileOutcome[];
  stop: AbortController;
  hard: AbortController;
  /** Resolves when the controller has ended. */
  ended: Promise<void>;
}

function start(reconcile: ControllerOptions['reconcile'], more: Partial<ControllerOptions> = {}): Setup {
  const clock = createFakeClock();
  const queue = createWorkQueue({ clock, random: createSeededRandom(3), name: 'test' });
  const outcomes: ReconcileOutcome[] = [];
  const stop = new AbortController();
  const hard = new AbortController();
  const ended = runController({
    name: 'test',
    queue,
    concurrency: 2,
    reconcile,
    onOutcome: (outcome) => outcomes.push(outcome),
    clock,
    signal: stop.signal,
    hardSignal: hard.signal,
    ...more,
  });
  return { clock, queue, outcomes, stop, hard, ended };
}

/** A reconcile that does the given things in turn, the last one for ever. */
function inTurn(...acts: ControllerOptions['reconcile'][]): ControllerOptions['reconcile'] & { runs: number[] } {
  const runs: number[] = [];
  const act: ControllerOptions['reconcile'] = async (key, context) => {
    const next = acts[Math.min(runs.length, acts.length - 1)];
    runs.push(runs.length);
    return next?.(key, context);
  };
  return Object.assign(act, { runs });
}

const fail = (error: unknown) => async (): Promise<never> => {
  throw error;
};

async function finish(setup: Setup): Promise<void> {
  setup.stop.abort();
  await setup.ended;
}

describe('what becomes of a key', () => {
  it('leaves a success alone and forgets its failures', async () => {
    const reconcile = inTurn(fail(retryable('Down', 'x')), async () => undefined);
    const setup = start(reconcile);
    setup.queue.add('ns/a');
    await setup.clock.advance(1_000);
    expect(setup.outcomes.map((each) => each.result)).toEqual(['error', 'success']);
    expect(setup.queue.retries('ns/a')).toBe(0);
    await finish(setup);
  });

  it('looks again when a success asks for it', async () => {
    const reconcile = inTurn(async () => ({ requeueAfterMs: 60_000 }));
    const setup = start(reconcile);
    setup.queue.add('ns/a');
    await setup.clock.advance(59_999);
    expect(reconcile.runs).toHaveLength(1);
    await setup.clock.advance(1);
    expect(reconcile.runs).toHaveLength(2);
    expect(setup.outcomes[0]?.result).toBe('requeue_after');
    await finish(setup);
  });

  it('waits for a person after Terminal', async () => {
    const reconcile = inTurn(fail(terminal('Invalid', 'x')));
    const setup = start(reconcile);
    setup.queue.add('ns/a');
    await setup.clock.advance(86_400_000);
    expect(reconcile.runs).toHaveLength(1);
    expect(setup.outcomes[0]).toMatchObject({ controller: 'test', key: 'ns/a', result: 'terminal', failure: { reason: 'Invalid' } });
    await finish(setup);
  });

  it('looks again after Waiting, without counting a failure', async () => {
    const reconcile = inTurn(fail(waiting('SecretMissing', 'x', 15_000)));
    const setup = start(reconcile);
    setup.queue.add('ns/a');
    await setup.clock.advance(30_000);
    expect(reconcile.runs).toHaveLength(3);
    expect(setup.queue.retries('ns/a')).toBe(0);
    await finish(setup);
  });

  it('does not come back to a vendor sooner than Retry-After', async () => {
    const reconcile = inTurn(fail(retryable('RateLimited', 'x', { retryAfterMs: 45_000 })));
    const setup = start(reconcile);
    setup.queue.add('ns/a');
    await setup.clock.advance(44_999);
    expect(reconcile.runs).toHaveLength(1);
    await setup.clock.advance(1);
    expect(reconcile.runs).toHaveLength(2);
    await finish(setup);
  });

  it('tries a Conflict again soon and calls it no error', async () => {
    const reconcile = inTurn(fail(conflict('x')), async () => undefined);
    const setup = start(reconcile);
    setup.queue.add('ns/a');
    await setup.clock.advance(250);
    expect(setup.outcomes.map((each) => each.result)).toEqual(['conflict', 'success']);
    await finish(setup);
  });

  it('survives what should never be thrown: caught, told, tried again', async () => {
    const reconcile = inTurn(fail(new TypeError('secret inside')), fail('not even an error'), async () => undefined);
    const setup = start(reconcile);
    setup.queue.add('ns/a');
    await setup.clock.advance(1_000);
    expect(setup.outcomes.map((each) => each.result)).toEqual(['panic', 'panic', 'success']);
    expect(setup.outcomes[0]?.failure?.message).not.toContain('secret');
    await finish(setup);
  });

  it('survives a hook that throws', async () => {
    const reconcile = inTurn(async () => undefined);
    const setup = start(reconcile, {
      onOutcome: () => {
        throw new Error('hook');
      },
    });
    setup.queue.add('ns/a');
    await setup.clock.advance(0);
    setup.queue.add('ns/b');
    await setup.clock.advance(0);
    expect(reconcile.runs).toHaveLength(2);
    await finish(setup);
  });
});

it('aborts a run that takes too long and tries again', async () => {
  const reconcile = inTurn(
    (_key, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
    async () => undefined,
  );
  const setup = start(reconcile, { timeoutMs: 10_000 });
  setup.queue.add('ns/a');
  await setup.clock.advance(11_000);
  expect(setup.outcomes.map((each) => [each.result, each.failure?.reason])).toEqual([
    ['error', 'TimedOut'],
    ['success', undefined],
  ]);
  await finish(setup);
});

it('works on different keys at once, up to its limit, and never on one key twice', async () => {
  const running = new Set<string>();
  let most = 0;
  const gates = new Map<string, () => void>();
  const setup = start(async (key) => {
    expect(running.has(key)).toBe(false);
    running.add(key);
    most = Math.max(most, running.size);
    await new Promise<void>((resolve) => gates.set(key, resolve));
    running.delete(key);
  });
  for (const key of ['a', 'b', 'c']) setup.queue.add(key);
  await settle();
  setup.queue.add('a');
  await settle();
  expect([...running]).toEqual(['a', 'b']);
  for (const key of ['a', 'b', 'c', 'a']) {
    gates.get(key)?.();
    await settle();
  }
  expect(most).toBe(2);
  expect(setup.outcomes.map((each) => each.key).sort()).toEqual(['a', 'a', 'b', 'c']);
  await finish(setup);
});

describe('many keys that need no waiting', () => {
  it('leave the rest of the process a turn after each', async () => {
    let turn = 0;
    const turns: number[] = [];
    const setup = start(
      async () => {
        turns.push(turn);
      },
      { concurrency: 1 },
    );
    for (const key of ['a', 'b', 'c', 'd']) setup.queue.add(key);
    for (; turn < 20; turn += 1) await settle(1);
    await finish(setup);
    expect(turns.length).toBe(4);
    expect(new Set(turns).size).toBe(4);
  });
});

describe('end', () => {
  it('takes no more keys and waits for what is in work', async () => {
    let release = (): void => undefined;
    const setup = start(() => new Promise((resolve) => (release = () => resolve(undefined))), { concurrency: 1 });
    setup.queue.add('a');
    setup.queue.add('b');
    await settle();
    setup.stop.abort();
    await settle();
    expect(setup.outcomes).toEqual([]);
    release();
    await setup.ended;
    expect(setup.outcomes.map((each) => each.key)).toEqual(['a']);
    expect(setup.queue.length).toBe(1);
  });

  it('cuts off what is in work at the hard end, and calls it no error', async () => {
    const setup = start(
      (_key, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cut')))),
    );
    setup.queue.add('a');
    await settle();
    setup.stop.abort();
    setup.hard.abort();
    await setup.ended;
    expect(setup.outcomes).toEqual([]);
    expect(setup.clock.waiting()).toEqual([]);
  });
});
