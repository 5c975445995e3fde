/**
 * Runs two pieces of work at the same time. The first failure stops the other; both have ended before it is
 * thrown, so nothing runs on behind the caller's back.
 */
export async function runTogether<A, B>(
  first: (signal: AbortSignal) => Promise<A>,
  second: (signal: AbortSignal) => Promise<B>,
  signal: AbortSignal,
): Promise<[A, B]> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  async function watch<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await work(either);
    } catch (error) {
      failures.push(error);
      stop.abort();
      throw error;
    }
  }
  const [left, right] = await Promise.allSettled([watch(first), watch(second)]);
  if (left.status === 'rejected' || right.status === 'rejected') throw failures[0];
  return [left.value, right.value];
}
