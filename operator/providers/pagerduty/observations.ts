import type { ActivityObservation, ActivityPage, TimeWindow } from '../provider.ts';
import type { Client } from './client.ts';
import type { SignalName } from './permissions.ts';

export type SignalOutcome = Extract<ActivityPage, { kind: 'SignalEnd' }>['outcome'];

/**
 * Pulls one signal: yields what it saw, and returns how far its evidence reaches. Whatever throws in the middle takes
 * nothing back: what was yielded was seen.
 */
export type Observe = (window: TimeWindow, client: Client) => AsyncGenerator<ActivityPage, SignalOutcome>;

/** Where observations come from. */
export interface Origin {
  readonly signal: SignalName;
  readonly route: string;
}

/** Somebody at some time; undefined where a row tells of no person or of no activity. */
export interface Sighting {
  readonly person: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number | undefined;
}

/** A page with the latest sighting of each person, none when there is nobody; no time is later than `now`, whatever the vendor's clock. */
export function* showLatest(sightings: Iterable<Sighting>, { signal, route }: Origin, now: number): Generator<ActivityPage> {
  const latest = new Map<string, number>();
  for (const { person, at } of sightings) {
    if (person === undefined || at === undefined) continue;
    latest.set(person, Math.max(latest.get(person) ?? Number.NEGATIVE_INFINITY, Math.min(at, now)));
  }
  if (latest.size === 0) return;
  const observations = Array.from(latest, ([externalUserId, at]): ActivityObservation => ({ externalUserId, at, signal, source: route }));
  yield { kind: 'Observations', observations };
}

/** Complete to the window's end, but never beyond now: nobody has seen the future. */
export function completeWindow(window: TimeWindow, now: number): SignalOutcome {
  return { kind: 'Complete', until: Math.min(window.to, now) };
}

/** The agent or actor, when it is a person and not a service, integration, key or app. */
export function findPerson(reference: { readonly id: string; readonly type: string } | null | undefined): string | undefined {
  return reference?.type === 'user_reference' || reference?.type === 'user' ? reference.id : undefined;
}
