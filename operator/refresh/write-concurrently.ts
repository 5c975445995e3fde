/**
 * Carries out `write` for every item, `concurrency` at a time and in order of start. The first failure or
 * an abort stops further starts; what has started is waited for, so nothing runs on after the answer.
 */
export async function writeConcurrently<T>(
  items: Iterable<T>,
  write: (item: T) => Promise<void>,
  options: { readonly concurrency: number; readonly signal: AbortSignal },
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const failures: unknown[] = [];
  async function work(): Promise<void> {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      if (failures.length > 0) return;
      try {
        options.signal.throwIfAborted();
        await write(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, work));
  if (failures.length > 0) throw failures[0];
}
