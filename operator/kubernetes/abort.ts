/** What the promise gives, or the signal's reason if it aborts first; holds nothing on the signal afterwards. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(reasonOf(signal));
  if (signal.aborted) throw reasonOf(signal);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** The signal's reason as an Error. */
export function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new DOMException('This operation was aborted', 'AbortError');
}

/** A child that aborts with the parent, or alone. */
export interface ChildAbort {
  readonly signal: AbortSignal;
  abort(): void;
  /** Lets go of the parent's signal; call it always. */
  release(): void;
}

export function childAbort(parent?: AbortSignal): ChildAbort {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(parent?.reason);
  if (parent?.aborted === true) onAbort();
  else parent?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    abort: () => controller.abort(),
    release: () => parent?.removeEventListener('abort', onAbort),
  };
}
