import { createSeededRandom } from '../support/seeded-random.ts';

/** Chance, the same for the same seed. */
export interface Dice {
  /** In [0, 1). */
  readonly random: () => number;
  chance(probability: number): boolean;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  pick<T>(items: readonly T[]): T;
  /** Undefined where there is none. */
  maybePick<T>(items: readonly T[]): T | undefined;
  /** Each with this probability. */
  some<T>(items: readonly T[], probability: number): T[];
  /** One by its weight. */
  weigh<T extends { readonly weight: number }>(items: readonly T[]): T;
  /** Other dice, so that what is thrown with them moves nothing of these. */
  fork(): Dice;
}

export function createDice(seed: number): Dice {
  const random = createSeededRandom(seed);
  const dice: Dice = {
    random,
    chance: (probability) => random() < probability,
    between: (least, most) => least + Math.floor(random() * (most - least + 1)),
    pick(items) {
      const item = dice.maybePick(items);
      if (item === undefined) throw new RangeError('there is nothing to pick from');
      return item;
    },
    maybePick: (items) => items[Math.floor(random() * items.length)],
    some: (items, probability) => items.filter(() => random() < probability),
    weigh(items) {
      let left = random() * items.reduce((sum, { weight }) => sum + weight, 0);
      return items.find(({ weight }) => (left -= weight) < 0) ?? dice.pick(items);
    },
    fork: () => createDice(Math.floor(random() * 0xffff_ffff)),
  };
  return dice;
}
