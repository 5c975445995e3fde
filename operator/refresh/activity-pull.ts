import { OperatorError, retryable, terminal, type Failure } from '../api/errors.ts';
import { foldObservations, type Observation, type Sightings } from '../licensing/activity-fold.ts';
import { concludeSignal, planPulls, type ConcludedSignal, type PlannedPull, type SignalOutcome } from '../licensing/activity-signals.ts';
import { judgeStart, readRecordedWindow, type AnalysisStart } from '../licensing/activity-window.ts';
import { acceptUnknownPeopleAnnotation, refuseActivity } from '../licensing/download-guards.ts';
import { storedUserId } from '../licensing/subscription-facts.ts';
import type { ActivityObservation, SignalPull } from '../providers/provider.ts';
import type { RefreshSubject } from './gather.ts';

/** Everything that one run pulled. */
export interface PulledActivity {
  readonly latest: Sightings;
  readonly outcomes: ReadonlyMap<string, SignalOutcome>;
}

/** The start of the analysis and the pull of each enabled signal. Throws Terminal when the start is refused (S43). */
export function planActivity({ profile, provider, connection }: RefreshSubject, now: number): { start: AnalysisStart; pulls: PlannedPull[]; continues: boolean } {
  const { spec, status } = profile;
  const last = status?.refresh?.activity;
  const judged = judgeStart({
    analyzeFrom: spec.analyzeUserActivityFrom,
    maxLookBackDays: spec.maxLookBackDays,
    recorded: readRecordedWindow(last?.activityWindow),
    now,
  });
  if ('failure' in judged) throw new OperatorError(judged.failure);
  const signals = spec.activitySignals.map((name) => provider.signals.find((signal) => signal.name === name) ?? { name, sees: [] });
  // Evidence of another connection may be of another account: it is never gone on with (guard 6).
  const continues = last?.connection === connection;
  const recorded = continues ? (last.signals ?? []) : [];
  return { start: judged.start, pulls: planPulls(signals, judged.start.wished, { recorded, now }), continues };
}

/** Pulls each signal whole. Throws what the vendor's API fails with; a signal that is not available is no failure. */
export async function pullActivity({ provider, session }: RefreshSubject, pulls: readonly PlannedPull[], signal: AbortSignal): Promise<PulledActivity> {
  const latest: Sightings = new Map();
  const outcomes = new Map<string, SignalOutcome>();
  const questions: SignalPull[] = [];
  for (const { name, window } of pulls) {
    if (window.pullFrom < window.pullTo) questions.push({ signal: name, window: { from: window.pullFrom, to: window.pullTo } });
    else outcomes.set(name, { kind: 'Complete', until: window.pullTo });
  }
  if (questions.length === 0) return { latest, outcomes };
  for await (const page of provider.activity(questions, { ...session, signal })) {
    if (page.kind === 'Observations') foldObservations(latest, asStored(page.observations, session.clock.now()));
    else if (outcomes.has(page.signal)) throw incomplete(page.signal);
    else outcomes.set(page.signal, outcomeAsStored(page.outcome));
  }
  return { latest, outcomes };
}

/**
 * What the pulls prove. Throws Terminal `PeopleNotKnown` when most of the active people have no subscription, and
 * `NoSignalAvailable` when no signal could look. A single signal of strangers counts as one that could not look.
 */
export function concludeActivity(
  pulls: readonly PlannedPull[],
  pulled: PulledActivity,
  { knownIds, accepted }: { readonly knownIds: ReadonlySet<string>; readonly accepted: string | undefined },
): ConcludedSignal[] {
  const judge = (ids: readonly string[]): Failure | undefined =>
    refuseActivity({ observed: ids.length, known: ids.filter((id) => knownIds.has(id)).length }, accepted);
  const refused = judge([...pulled.latest.keys()]);
  if (refused !== undefined) throw new OperatorError(refused);
  const signals = pulls.map((pull) => {
    const outcome = pulled.outcomes.get(pull.name);
    if (outcome === undefined) throw incomplete(pull.name);
    const strangers = judge(seenBy(pull.name, pulled.latest));
    return concludeSignal(pull, strangers === undefined ? outcome : { ...strangers, kind: 'Unavailable' });
  });
  if (signals.every(({ result }) => !result.available)) throw noSignal(signals);
  return signals;
}

function seenBy(signal: string, latest: Sightings): string[] {
  return [...latest].filter(([, sightings]) => sightings.some((one) => one.signal === signal)).map(([id]) => id);
}

export function acceptedUnknownPeople({ profile }: RefreshSubject): string | undefined {
  return profile.metadata.annotations?.[acceptUnknownPeopleAnnotation];
}

/** Ids as they are stored; nothing has happened after now, whatever a clock of the vendor's says. */
function* asStored(page: readonly ActivityObservation[], now: number): Generator<Observation> {
  for (const one of page) yield { ...one, externalUserId: storedUserId(one.externalUserId), at: Math.min(one.at, now) };
}

function outcomeAsStored(outcome: SignalOutcome): SignalOutcome {
  if (outcome.kind === 'Unavailable' || outcome.listed === undefined) return outcome;
  const listed = new Set<string>();
  for (const id of outcome.listed) listed.add(storedUserId(id));
  return { ...outcome, listed };
}

function incomplete(name: string): Error {
  return retryable('InconsistentPull', `The activity signal ${name} did not end exactly once, so it was not taken as complete.`);
}

function noSignal(signals: readonly ConcludedSignal[]): Error {
  const texts = signals.map(({ name, result }) => `${name}: ${result.message ?? result.reason ?? ''}`);
  return terminal('NoSignalAvailable', `No enabled activity signal is available, so nothing was changed. ${texts.join(' ')}`);
}
