import type { Random } from '../../../operator/api/clock.ts';
import { createSeededRandom } from '../../support/seeded-random.ts';

/** Seeded choices and PagerDuty-shaped ids. */
export interface Draw {
  readonly random: Random;
  chance(probability: number): boolean;
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
  /** A new id, such as `P3K9XQ2`; never the same twice. */
  id(): string;
  /** 26 characters, as rotations and events of shift-based schedules have. */
  longId(): string;
}

const ID_SPACE = 36 ** 6;
/** Odd and no multiple of 3, so that counting times it meets every id once. */
const ID_STEP = 1_234_577;

export function createDraw(seed: number): Draw {
  const random = createSeededRandom(seed);
  let counter = Math.floor(random() * 1_000_000);

  function between(low: number, high: number): number {
    return low + Math.floor(random() * (high - low + 1));
  }

  function pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  function shuffle<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => ({ item, key: random() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  }

  function id(): string {
    counter += 1;
    const value = (counter * ID_STEP) % ID_SPACE;
    return `P${value.toString(36).toUpperCase().padStart(6, '0')}`;
  }

  return {
    random,
    chance: (probability) => random() < probability,
    between,
    pick,
    shuffle,
    id,
    longId: () => `${id()}${id()}${id()}`.padEnd(26, 'Z').slice(0, 26),
  };
}
