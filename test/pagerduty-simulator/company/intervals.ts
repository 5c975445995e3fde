/** A stretch of time, end exclusive; Infinity = no end. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** PagerDuty's "anything that overlaps counts"; a window of no length is the instant itself. */
export function overlaps(interval: Interval, window: Interval): boolean {
  return interval.start < Math.max(window.end, window.start + 1) && interval.end > window.start;
}

export function intersect(a: Interval, b: Interval): Interval | undefined {
  const start = Math.max(a.start, b.start);
  const end = Math.min(a.end, b.end);
  return start < end ? { start, end } : undefined;
}

/** Sorted, and joined where they touch. */
export function merge(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const next of intervals.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && next.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, next.end) };
    } else {
      merged.push(next);
    }
  }
  return merged;
}

/** What is left of the interval where no cover lies over it. */
export function subtract(interval: Interval, covers: readonly Interval[]): Interval[] {
  const rest: Interval[] = [];
  let start = interval.start;
  for (const cover of merge(covers)) {
    if (cover.start > start) rest.push({ start, end: Math.min(cover.start, interval.end) });
    start = Math.max(start, cover.end);
    if (start >= interval.end) break;
  }
  if (start < interval.end) rest.push({ start, end: interval.end });
  return rest.filter((piece) => piece.start < piece.end);
}
