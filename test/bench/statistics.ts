/** Least, middle and largest of some repeats. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
  return { min: round(sorted[0] ?? Number.NaN), median: round(median), max: round(sorted.at(-1) ?? Number.NaN) };
}

/** Three figures after the point are more than any of these measurements is worth. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
