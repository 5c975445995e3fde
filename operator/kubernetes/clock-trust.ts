import type { Clock } from '../api/clock.ts';
import type { RequestReport } from './transport.ts';

/** Milliseconds by which our clock and the API server's may differ while something irreversible is done (guard 11). */
export const mostSkewMs = 60_000;
/** A measurement that is older says nothing: the steady clock, too, may stand still while a machine is suspended. */
const mostAgeMs = 3 * 60_000;
/** From this age on, a new measurement is asked for whenever somebody wants to know. */
const renewAfterMs = 60_000;
/** A reply that took longer leaves too open when its Date header was written. */
const slowestReplyMs = 10_000;
/** Milliseconds between two requests that are made for a measurement alone. */
const measureEveryMs = 5_000;
/** The Date header has whole seconds, cut off. */
const dateStepMs = 1000;

/** Whether times that this process reads off its clock may be acted on where that cannot be taken back (guard 11). */
export interface ClockTrust {
  /** True while our clock is known to differ from the API server's by no more than a minute. */
  isTrusted(): boolean;
  /** Milliseconds by which our clock is ahead of the API server's, as well as that is known; undefined while it is not measured. */
  skewMs(): number | undefined;
}

/** A ClockTrust that measures: with the replies that the client gets anyway, and with a request of its own where none came lately. */
export interface ClockMeter extends ClockTrust {
  /** Takes the API server's time from a reply whose headers have come just now. */
  observe(reply: Pick<RequestReport, 'serverTime' | 'durationMs'>): void;
}

export interface ClockMeterSettings {
  /** The clock to be trusted or not. */
  readonly clock: Pick<Clock, 'now'>;
  /** Moves on evenly, whatever happens to the machine's time. */
  readonly steady: Pick<Clock, 'now'>;
  /** Makes one cheap request to the API server, whose reply comes to `observe`; whether it succeeds does not matter. */
  readonly request: () => Promise<unknown>;
}

export function createClockMeter(settings: ClockMeterSettings): ClockMeter {
  return new Meter(settings);
}

/** Whether a clock that is so far ahead may be trusted. */
export function isWithinSkew(skewMs: number): boolean {
  return Math.abs(skewMs) <= mostSkewMs;
}

/** The time by the API server's clock where ours is known to be wrong; else by ours. */
export function correctedNow(clock: Pick<Clock, 'now'>, trust: ClockTrust): number {
  const skew = trust.skewMs() ?? 0;
  return isWithinSkew(skew) ? clock.now() : clock.now() - skew;
}

interface Measurement {
  /** By the steady clock. */
  readonly at: number;
  /** What the API server's clock showed then, give or take `uncertaintyMs`. */
  readonly serverTime: number;
  readonly uncertaintyMs: number;
}

/**
 * The API server's time goes on by the steady clock from the last reply: a wall clock that is stepped in between is noticed at once,
 * without a request.
 */
class Meter implements ClockMeter {
  readonly #settings: ClockMeterSettings;
  #last: Measurement | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(settings: ClockMeterSettings) {
    this.#settings = settings;
  }

  observe({ serverTime, durationMs }: Pick<RequestReport, 'serverTime' | 'durationMs'>): void {
    if (serverTime === undefined || !(durationMs >= 0 && durationMs <= slowestReplyMs)) return;
    // The header was written between the request and now, and up to a second was cut off it.
    const uncertaintyMs = (durationMs + dateStepMs) / 2;
    this.#last = { at: this.#settings.steady.now(), serverTime: serverTime + uncertaintyMs, uncertaintyMs };
  }

  isTrusted(): boolean {
    const last = this.#current();
    return last !== undefined && isWithinSkew(Math.abs(this.#skewSince(last)) + last.uncertaintyMs);
  }

  skewMs(): number | undefined {
    const last = this.#current();
    return last === undefined ? undefined : this.#skewSince(last);
  }

  /** The last measurement, unless it is too old; asks for a new one in time. */
  #current(): Measurement | undefined {
    const age = this.#last === undefined ? Number.POSITIVE_INFINITY : this.#settings.steady.now() - this.#last.at;
    if (!(age >= 0 && age <= renewAfterMs)) this.#measure();
    return age >= 0 && age <= mostAgeMs ? this.#last : undefined;
  }

  #skewSince({ at, serverTime }: Measurement): number {
    const { clock, steady } = this.#settings;
    return clock.now() - (serverTime + steady.now() - at);
  }

  /** One at a time, and not often: whoever asks is answered without it. */
  #measure(): void {
    const { steady, request } = this.#settings;
    const now = steady.now();
    if (now - this.#askedAt < measureEveryMs) return;
    this.#askedAt = now;
    // A refusal has a Date header, too.
    request().catch(() => undefined);
  }
}
