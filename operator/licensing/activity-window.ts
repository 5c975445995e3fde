import type { Failure } from '../api/errors.ts';

const day = 86_400_000;
/** How far a pull reaches back before the end of the last one, for what the vendor recorded late. */
export const pullOverlap = 2 * 3_600_000;
/** Clocks that are no further apart than this are taken for one; the overlap makes up for it. */
export const clockTolerance = 5 * 60_000;

/** The window that the last activity result recorded; times in milliseconds since the epoch. */
export interface RecordedWindow {
  /** Start of the analysis that was accepted. */
  readonly from: number;
  /** Until when the evidence is complete; undefined when no pull has been complete yet. */
  readonly to: number | undefined;
}

/** The recorded window from its RFC 3339 times; undefined when there is none, or none that can be read. */
export function readRecordedWindow(recorded: { from: string; to?: string | undefined } | undefined): RecordedWindow | undefined {
  if (recorded === undefined) return undefined;
  const from = Date.parse(recorded.from);
  const to = recorded.to === undefined ? undefined : Date.parse(recorded.to);
  return Number.isNaN(from) || Number.isNaN(to) ? undefined : { from, to };
}

export interface WindowRequest {
  /** `spec.analyzeUserActivityFrom` (S42), RFC 3339. */
  readonly analyzeFrom: string | undefined;
  readonly maxLookBackDays: number;
  readonly recorded: RecordedWindow | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What to pull, and what the evidence reaches over once that pull is complete. */
export interface PullWindow {
  /** Start of the analysis; the evidence is complete from here once the pull has succeeded. */
  readonly from: number;
  /** Milliseconds since the epoch, inclusive; never after the end of the evidence that is there already. */
  readonly pullFrom: number;
  /** Milliseconds since the epoch, exclusive. */
  readonly pullTo: number;
  /** Whether the pull continues evidence that is complete up to `pullFrom`, so what was known before still counts. */
  readonly continues: boolean;
  /** Whether `from` is a person's choice that was accepted now or before; it then stays valid until changed. */
  readonly chosen: boolean;
}

export type WindowDecision = { readonly window: PullWindow } | { readonly failure: Failure };

/** Where the analysis is to start. */
export interface AnalysisStart {
  /** Milliseconds since the epoch. */
  readonly wished: number;
  /** Whether a person chose it, and it was accepted now or before. */
  readonly chosen: boolean;
}

/**
 * Resolves the window of an activity pull (S42, S43, S45). Without a wish it starts `maxLookBackDays`
 * before the first pull. The evidence only grows: a start within it needs no pull, an earlier one is pulled
 * again from there, and a failed pull leaves its end where it was, so the next one covers the gap (guard 6).
 */
export function resolveWindow(request: WindowRequest): WindowDecision {
  const judged = judgeStart(request);
  if ('failure' in judged) return judged;
  const { wished, chosen } = judged.start;
  return { window: { ...chooseWindow(wished, request.recorded, request.now), chosen } };
}

/** The start that is wished. A choice is judged when it is first met, not again as time goes by (S43). */
export function judgeStart(request: WindowRequest): { readonly start: AnalysisStart } | { readonly failure: Failure } {
  const earliest = request.now - request.maxLookBackDays * day;
  if (request.analyzeFrom === undefined) return { start: { wished: earliest, chosen: false } };
  const chosen = Date.parse(request.analyzeFrom);
  const refused = refuse(chosen, earliest, request);
  return refused === undefined ? { start: { wished: chosen, chosen: true } } : { failure: refused };
}

/**
 * What to pull, given the evidence that is there. An end that lies in the future was written by a clock that
 * was ahead: when that pull really was made is not known, so all of it is made again.
 */
export function chooseWindow(wished: number, recorded: RecordedWindow | undefined, now: number): Omit<PullWindow, 'chosen'> {
  if (recorded?.to === undefined) return { from: wished, pullFrom: wished, pullTo: now, continues: false };
  const from = Math.min(wished, recorded.from);
  const continued = isCredible(recorded.to, now) ? Math.min(recorded.to, now) - pullOverlap : from;
  return { from, pullFrom: wished < recorded.from ? wished : Math.max(from, continued), pullTo: now, continues: true };
}

/** Whether a time of the past can have been meant, clocks being what they are. */
export function isCredible(time: number, now: number): boolean {
  return time <= now + clockTolerance;
}

function refuse(chosen: number, earliest: number, request: WindowRequest): Failure | undefined {
  const { now, recorded, maxLookBackDays } = request;
  if (Number.isNaN(chosen)) {
    return failure('AnalyzeFromInvalid', 'spec.analyzeUserActivityFrom is not a time. Use RFC 3339, such as 2026-01-31T00:00:00Z.');
  }
  if (chosen > now) {
    return failure('AnalyzeFromInFuture', 'spec.analyzeUserActivityFrom lies in the future. Choose a time that has passed.');
  }
  // A start that was accepted, and any later one, stays accepted however far back it lies by now.
  if (chosen >= earliest || (recorded !== undefined && chosen >= recorded.from)) return undefined;
  return failure(
    'AnalyzeFromTooFar',
    `spec.analyzeUserActivityFrom lies more than ${maxLookBackDays} days back. Choose a later time, or raise spec.maxLookBackDays on purpose.`,
  );
}

function failure(reason: string, message: string): Failure {
  return { kind: 'Terminal', reason, message };
}
