import { compact } from '../api/compact.ts';
import type { SignalResult } from '../api/integration-profile.ts';
import type { RoleGroup } from '../api/software-subscription.ts';
import { chooseWindow, isCredible, pullOverlap, readRecordedWindow, type PullWindow, type RecordedWindow } from './activity-window.ts';
import type { EnabledSignal } from './activity-fold.ts';
import { storable } from './text.ts';

/** A signal that a profile enables. */
export interface SignalName {
  readonly name: string;
  readonly sees: readonly RoleGroup[];
  /** How far back the vendor keeps what it reads, in milliseconds. */
  readonly keptForMs?: number;
}

/** One signal to pull, in its own window. */
export interface PlannedPull extends SignalName {
  readonly window: Omit<PullWindow, 'chosen'>;
  /** Its evidence so far; undefined when it was never complete through this connection. */
  readonly recorded: RecordedWindow | undefined;
}

/** How the pull of a signal ended; the shape of a provider's SignalEnd. */
export type SignalOutcome =
  | { readonly kind: 'Complete'; readonly until: number; readonly listed?: ReadonlySet<string> }
  | { readonly kind: 'Unavailable'; readonly reason: string; readonly message: string };

/** A signal after its pull: what it proves, and what is recorded of it. */
export interface ConcludedSignal extends EnabledSignal {
  readonly result: SignalResult;
}

/**
 * The pulls of a run: each signal goes on where its own evidence ends, and one that has none, being newly
 * enabled or never available before, is pulled from the start of the analysis. Where the vendor no longer keeps what
 * happened in a gap, the evidence begins anew: one that could never be completed again would be away for ever.
 * @param recorded what the last result says of the signals; none of another connection.
 */
export function planPulls(signals: readonly SignalName[], wished: number, known: { readonly recorded: readonly SignalResult[]; readonly now: number }): PlannedPull[] {
  return signals.map(({ name, sees, keptForMs = Infinity }) => {
    const earliest = known.now - keptForMs;
    const before = readWindow(known.recorded.find((result) => result.name === name));
    const recorded = before !== undefined && before.to - pullOverlap < earliest ? undefined : before;
    return { name, sees, recorded, window: chooseWindow(Math.max(wished, earliest), recorded, known.now) };
  });
}

/** What is recorded of the signals that are enabled: one that was switched off in between starts anew when it is back. */
export function keepEnabled(recorded: readonly SignalResult[], enabled: readonly { readonly name: string }[]): SignalResult[] {
  return recorded.filter((result) => enabled.some(({ name }) => name === result.name));
}

/** An unavailable signal keeps the evidence that it has: its gap is pulled when it is back. */
export function concludeSignal(pull: PlannedPull, outcome: SignalOutcome): ConcludedSignal {
  const { name, sees, window, recorded } = pull;
  if (outcome.kind === 'Unavailable') {
    const texts = { reason: storable(outcome.reason, 128), message: storable(outcome.message, 1024) };
    return { name, sees, pull: undefined, result: { name, available: false, ...texts, ...timesOf(recorded?.from, recorded?.to) } };
  }
  const { from, continues } = window;
  const to = endOfEvidence(pull, outcome.until);
  const result = { name, available: true, ...timesOf(from, to) };
  // Where the vendor's data lags more than before, this pull has shown nothing of those who are new.
  const pullFrom = outcome.until < to ? to : window.pullFrom;
  // Where it lags behind the whole window, nothing has been looked at yet.
  return { name, sees, pull: to > from ? { from, pullFrom, to, continues, ...compact({ listed: outcome.listed }) } : undefined, result };
}

/** From when to when every signal that could look is complete; undefined when none could. */
export function summariseWindow(signals: readonly ConcludedSignal[]): { from: string; to?: string } | undefined {
  const windows = signals.flatMap(({ result }) => (result.available ? [readWindow(result)] : [])).filter((window) => window !== undefined);
  if (windows.length === 0) return undefined;
  const from = Math.max(...windows.map((window) => window.from));
  const to = Math.min(...windows.map((window) => window.to));
  return { from: toTime(from), ...(to < from ? {} : { to: toTime(to) }) };
}

/** Until when the evidence is complete: it does not move back because the vendor lags more today. */
function endOfEvidence({ window, recorded }: PlannedPull, until: number): number {
  const reached = Math.max(window.from, Math.min(until, window.pullTo));
  if (recorded?.to === undefined || !isCredible(recorded.to, window.pullTo) || reached < recorded.from) return reached;
  return Math.max(reached, Math.min(recorded.to, window.pullTo));
}

function readWindow(result: SignalResult | undefined): (RecordedWindow & { readonly to: number }) | undefined {
  const { from, to } = result ?? {};
  const window = from === undefined || to === undefined ? undefined : readRecordedWindow({ from, to });
  return window?.to === undefined ? undefined : { from: window.from, to: window.to };
}

function timesOf(from: number | undefined, to: number | undefined): { from?: string; to?: string } {
  return { ...(from === undefined ? {} : { from: toTime(from) }), ...(to === undefined ? {} : { to: toTime(to) }) };
}

function toTime(at: number): string {
  return new Date(at).toISOString();
}
