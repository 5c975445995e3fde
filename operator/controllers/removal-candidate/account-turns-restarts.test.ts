import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aCandidate, acme, bCandidate, company, isOverMs, take, type Company } from '../../../test/support/turn-scene.ts';
import type { AccountTurn, AccountTurns } from './account-turns.ts';
import { timeLeft } from './in-turn.ts';

const { signal } = new AbortController();
const minuteMs = 60_000;
/** As long as one request to the vendor may last. */
const requestLastsMs = 40_000;

describe('the turn of a process that was killed', () => {
  /** Restarts every 40 seconds, each with caches and clocks of its own; gives after how many seconds the turn was given. */
  async function restart({ clock, process }: Company, times: number): Promise<number | undefined> {
    const killedAt = clock.now();
    for (let count = 1; count <= times; count += 1) {
      const successor = process(`restart-${count}`);
      for (let second = 0; second < 40; second += 1) {
        clock.jump(1000);
        if ((await take(successor, bCandidate)) !== undefined) return (clock.now() - killedAt) / 1000;
      }
    }
    return undefined;
  }

  it('guard 4: is free at the time that was fixed when it was killed, through 13 restarts, and not before', async () => {
    const scene = company();
    await take(scene.process('killed'));
    expect(await restart(scene, 13)).toBe(isOverMs / 1000);
  });

  it('guard 4: is free at that time for a process that was never there before', async () => {
    const { clock, process } = company();
    await take(process('killed'));
    clock.jump(isOverMs - 1);
    expect(await take(process('early'))).toBeUndefined();
    clock.jump(1);
    expect(await take(process('new'))).toBeDefined();
  });

  it('guard 4: is free after 36 kills, one for each candidate, in so many times as long: each kill costs one wait', async () => {
    const { clock, process } = company();
    const from = clock.now();
    for (let count = 0; count < 36; count += 1) {
      expect(await take(process(`killed-${count}`), { namespace: 'team-a', name: `c${count}.1` })).toBeDefined();
      for (let waited = 0; waited < isOverMs; waited += 40_000) {
        expect(await take(process(`waits-${count}-${waited}`))).toBeUndefined();
        clock.jump(Math.min(40_000, isOverMs - waited));
      }
    }
    expect(clock.now() - from).toBe(36 * isOverMs);
  });

  it.each<[string, () => Company, number]>([
    ['an API server that neither stamps nor dates', () => company({ hasStamps: false }), 0],
    ['a process whose clock is more than a minute behind', () => company(), -61_000],
    ['a process whose clock is more than a minute ahead', () => company(), 61_000],
  ])('guard 4: is free for %s only once the turn was seen unchanged for the whole time', async (_which, open, ahead) => {
    const { clock, process } = open();
    await take(process('killed'));
    clock.jump(isOverMs * 3);
    const waiting = process('waiting', { ahead });
    expect(await take(waiting)).toBeUndefined();
    clock.jump(isOverMs - 1);
    expect(await take(waiting)).toBeUndefined();
    clock.jump(1);
    expect(await take(waiting)).toBeDefined();
  });

  it('guard 4: that was stamped by an API server whose clock was ahead is free once it was seen unchanged for the whole time', async () => {
    const { clock, process } = company();
    await take(process('killed'));
    clock.jump(-3_600_000);
    const waiting = process('waiting');
    expect(await take(waiting)).toBeUndefined();
    clock.jump(isOverMs - 1);
    expect(await take(waiting)).toBeUndefined();
    clock.jump(1);
    expect(await take(waiting)).toBeDefined();
  });
});

/** One of two leaders, over all its restarts. */
interface Leader {
  turns: AccountTurns;
  /** By how many milliseconds its clock is ahead. */
  skew: number;
  held: Window | undefined;
}

/** While one holder may send. */
interface Window {
  readonly turn: AccountTurn;
  readonly from: number;
  /** By true time; a request that left then may last for `requestLastsMs` more. */
  lastSend: number;
  /** When it was given back, so that nothing is under way from then on. */
  endedAt: number;
}

const step = fc.record({
  ms: fc.constantFrom(0, 1, 20_000, 40_000, 60_000, 120_000, 240_000),
  who: fc.constantFrom(0, 1),
  what: fc.constantFrom('take', 'take', 'take', 'kill', 'leave', 'end', 'note'),
  corrected: fc.constantFrom(undefined, undefined, -minuteMs, minuteMs, 0),
});

interface Play {
  readonly scene: Company;
  readonly leaders: readonly Leader[];
  readonly windows: Window[];
  lastWrite: number;
  processes: number;
}

function startPlay(scene: Company): Play {
  const play: Play = { scene, leaders: [0, 1].map(() => ({ turns: scene.process('nobody'), skew: 0, held: undefined })), windows: [], lastWrite: scene.clock.now(), processes: 0 };
  for (const leader of play.leaders) kill(play, leader);
  return play;
}

function kill(play: Play, leader: Leader): void {
  play.processes += 1;
  leader.turns = play.scene.process(`process-${play.processes}`, { ahead: () => leader.skew });
  leader.held = undefined;
}

/** Time passes; whoever holds a turn sends as late as its own clock lets it. */
function pass({ scene: { clock }, leaders }: Play, ms: number): void {
  for (const { held, skew } of leaders) {
    const left = held === undefined ? 0 : timeLeft(held.turn, clock.now() + skew);
    if (held !== undefined && left > 0) held.lastSend = clock.now() + Math.min(ms, left);
  }
  clock.jump(ms);
}

type Act = (play: Play, leader: Leader) => void | Promise<void>;

const acts: Readonly<Record<'take' | 'kill' | 'leave' | 'end' | 'note', Act>> = {
  kill,
  take: async (play, leader) => {
    if (leader.held !== undefined) return;
    const { clock } = play.scene;
    const turn = await take(leader.turns);
    if (turn === undefined) return;
    play.lastWrite = clock.now();
    leader.held = { turn, from: clock.now(), lastSend: clock.now(), endedAt: Number.POSITIVE_INFINITY };
    play.windows.push(leader.held);
  },
  note: async (play, { turns, held }) => {
    if (held === undefined) return;
    try {
      await turns.noteReclaim(acme, turns.holderOf(aCandidate), { uid: 'a', isAdmin: true, signal });
      play.lastWrite = play.scene.clock.now();
    } catch {
      // It is another's by now.
    }
  },
  leave: (_play, leader) => {
    if (leader.held !== undefined) leader.turns.leave(acme);
    leader.held = undefined;
  },
  end: async ({ scene }, leader) => {
    if (leader.held === undefined) return;
    await leader.turns.end(acme, leader.turns.holderOf(aCandidate), signal);
    leader.held.endedAt = scene.clock.now();
    leader.held = undefined;
  },
};

describe('two leaders with clocks of their own, killed at any moment', () => {
  it('guard 4: never send at the same time, and whoever comes gets the turn at the time that the last write has fixed', async () => {
    let contested = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 60 }), async (steps) => {
        const play = startPlay(company());
        for (const { ms, who, what, corrected } of steps) {
          pass(play, ms);
          const leader = play.leaders[who] as Leader;
          leader.skew = corrected ?? leader.skew;
          await acts[what](play, leader);
        }
        const { windows, scene, lastWrite } = play;
        for (const [index, later] of windows.entries()) {
          for (const former of windows.slice(0, index).filter(({ endedAt }) => endedAt > later.from)) {
            contested += 1;
            expect(later.from).toBeGreaterThanOrEqual(former.lastSend + requestLastsMs);
          }
        }
        scene.clock.jump(Math.max(0, lastWrite + isOverMs + 1000 - scene.clock.now()));
        expect(await take(scene.process('new'))).toBeDefined();
      }),
      { seed: 4, numRuns: 1500 },
    );
    expect(contested).toBeGreaterThan(500);
  });
});
