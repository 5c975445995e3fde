import type { Clock } from '../api/clock.ts';

/** Why a signal made by `startDeadline` aborted. */
export type StopCause = 'caller' | 'deadline';

/** A signal that aborts with the caller's or when the time is up, whichever is first. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Undefined while neither has happened. */
  cause(): StopCause | undefined;
  /** Lets go of the timer and of the caller's signal; call it always. */
  end(): void;
}

/**
 * Begins a deadline of `ms` milliseconds. It holds no reference on the caller's signal after `end()`, as
 * `AbortSignal.any` does, since one signal lives as long as the process and sees every request.
 */
export function startDeadline(clock: Clock, ms: number, caller?: AbortSignal): Deadline {
  const target = new AbortController();
  const timer = new AbortController();
  let cause: StopCause | undefined;
  const stop = (why: StopCause): void => {
    cause ??= why;
    target.abort();
  };
  const onCaller = (): void => stop('caller');

  if (caller?.aborted === true) stop('caller');
  else caller?.addEventListener('abort', onCaller, { once: true });
  clock.sleep(ms, timer.signal).then(
    () => stop('deadline'),
    () => undefined,
  );

  return {
    signal: target.signal,
    cause: () => cause,
    end() {
      caller?.removeEventListener('abort', onCaller);
      timer.abort();
    },
  };
}
