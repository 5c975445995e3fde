import { terminal } from '../../api/errors.ts';
import type { ActivityObservation, ActivityPage, SignalPull } from '../provider.ts';
import type { Client } from './client.ts';
import { oncallsRoute, pullOncalls } from './oncalls.ts';
import { signals } from './permissions.ts';
import { parseInstant, type OncallRow } from './schemas.ts';

const signalName = signals[0].name;

/** Activity by pages, each person once a page, and how each signal ended. Throws Terminal `UnknownSignal`. */
export async function* observeActivity(pulls: readonly SignalPull[], client: Client): AsyncGenerator<ActivityPage> {
  const known = signals.map((signal) => signal.name);
  const unknown = pulls.map((pull) => pull.signal).filter((name) => !known.some((other) => other === name));
  if (unknown.length > 0) {
    throw terminal('UnknownSignal', `PagerDuty has no activity signal ${unknown.join(', ')}: use one of ${known.join(', ')}.`);
  }
  for (const { signal, window } of pulls) {
    for await (const rows of pullOncalls(window, client)) {
      const observations = foldLatest(rows, client.session.clock.now());
      if (observations.length > 0) yield { kind: 'Observations', observations };
    }
    yield { kind: 'SignalEnd', signal, outcome: { kind: 'Complete', until: window.to } };
  }
}

/** The latest activity of each person in a page. */
export function foldLatest(rows: readonly OncallRow[], now: number): ActivityObservation[] {
  const latest = new Map<string, number>();
  for (const row of rows) {
    const at = findActivity(row, now);
    const id = row.user?.id;
    if (at !== undefined && id !== undefined && at > (latest.get(id) ?? Number.NEGATIVE_INFINITY)) latest.set(id, at);
  }
  return Array.from(latest, ([externalUserId, at]) => ({ externalUserId, at, signal: signalName, source: oncallsRoute }));
}

/**
 * Last moment of an on-call entry that has come: the end of a shift, or now while it runs. No start means a
 * permanent target, on call now (T4); a shift to come is no activity yet.
 */
export function findActivity(row: OncallRow, now: number): number | undefined {
  const start = row.start === null ? undefined : parseInstant(row.start, oncallsRoute, 'oncalls.start');
  if (start !== undefined && start > now) return undefined;
  const end = row.end === null || start === undefined ? now : parseInstant(row.end, oncallsRoute, 'oncalls.end');
  return Math.min(end, now);
}
