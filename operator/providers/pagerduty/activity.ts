import { OperatorError, terminal } from '../../api/errors.ts';
import type { ActivityPage, SignalPull } from '../provider.ts';
import { observeAuditRecords } from './audit-records.ts';
import { mayUse, type Client } from './client.ts';
import { observeLogEntries } from './log-entries.ts';
import type { Observe, SignalOutcome } from './observations.ts';
import { observeOncalls } from './oncalls.ts';
import { signals, signalScopes, type SignalName } from './permissions.ts';
import { observeSignIns } from './sign-ins.ts';
import { explainRefusal, explainScope } from './signal-refusals.ts';

const observers: Readonly<Record<SignalName, Observe>> = {
  OnCall: observeOncalls,
  SignIn: observeSignIns,
  AuditActor: observeAuditRecords,
  IncidentResponse: observeLogEntries,
};

/**
 * Activity by pages, each person once a page, and how each signal ended. A signal that this token may not pull is
 * `Unavailable`, and no question is asked where its scopes tell; only where on-calls are all that was asked for, a
 * refusal throws, for then nothing is left to refresh. Throws Terminal `UnknownSignal`; all that may pass by itself
 * throws too, since a partial pull is no evidence (guard 6).
 */
export async function* observeActivity(pulls: readonly SignalPull[], client: Client): AsyncGenerator<ActivityPage> {
  const known = pulls.map((pull) => ({ ...pull, signal: recogniseSignal(pull.signal, pulls) }));
  const mustWork = known.every(({ signal }) => signal === 'OnCall');
  for (const { signal, window } of known) {
    const outcome = mustWork
      ? yield* observers[signal](window, client)
      : yield* observeIfPermitted(signal, observers[signal](window, client), client);
    yield { kind: 'SignalEnd', signal, outcome };
  }
}

async function* observeIfPermitted(
  signal: SignalName,
  pages: ReturnType<Observe>,
  client: Client,
): AsyncGenerator<ActivityPage, SignalOutcome> {
  if (!mayUse(client.session, signalScopes[signal])) return explainScope(signal);
  try {
    return yield* pages;
  } catch (error) {
    const refusal = error instanceof OperatorError ? explainRefusal(signal, error.failure.reason) : undefined;
    if (refusal === undefined) throw error;
    return refusal;
  }
}

function recogniseSignal(name: string, pulls: readonly SignalPull[]): SignalName {
  const found = signals.find((signal) => signal.name === name);
  if (found !== undefined) return found.name;
  const names = signals.map((signal) => signal.name);
  const unknown = pulls.map((pull) => pull.signal).filter((other) => !names.some((one) => one === other));
  throw terminal('UnknownSignal', `PagerDuty has no activity signal ${unknown.join(', ')}: use one of ${names.join(', ')}.`);
}
