import type { Person } from '../company/company.ts';
import type { WriteSettings } from '../http/write-settings.ts';

/** Somebody deleted by the API. */
export interface Departure {
  readonly person: Person;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Moment {
  readonly now: number;
  readonly settings: Readonly<WriteSettings>;
}

/** Those deleted by the API: reads go on showing them for a while (facts 5.1), and placeholders keep their name. */
export interface Departures {
  add(person: Person, at: number): void;
  find(id: string): Departure | undefined;
  /** Those whom reads still show; each that is given counts as shown once more. Only the one, when an id is given. */
  show(moment: Moment, id?: string): Person[];
  /** Those deleted after a moment. */
  since(at: number): Person[];
  clear(): void;
}

export function createDepartures(): Departures {
  const departed = new Map<string, Departure & { reads: number }>();
  return {
    add: (person, at) => void departed.set(person.id, { person, at, reads: 0 }),
    find: (id) => departed.get(id),
    since: (moment) => [...departed.values()].flatMap(({ person, at }) => (at > moment ? [person] : [])),
    show({ now, settings }, id) {
      const candidates = [...departed.values()].filter(({ person }) => id === undefined || person.id === id);
      const shown = candidates.filter(({ at, reads }) => reads < settings.deleteShownReads || now < at + settings.deleteShownMs);
      for (const departure of shown) departure.reads += 1;
      return shown.map(({ person }) => person);
    },
    clear: () => departed.clear(),
  };
}

/** Somebody's former place on a schedule or policy. */
export interface FormerTie {
  readonly userId: string;
  readonly kind: 'schedule' | 'escalation policy';
  readonly id: string;
  readonly name: string;
  readonly at: number;
}

/** Places that people were taken off: deletions see them for a while (facts 5.1). */
export interface FormerTies {
  add(tie: FormerTie): void;
  /** Those that still block; asking counts as a check. */
  check(userId: string, moment: Moment): FormerTie[];
  clear(): void;
}

export function createFormerTies(): FormerTies {
  let ties: { tie: FormerTie; checks: number }[] = [];
  return {
    add: (tie) => void ties.push({ tie, checks: 0 }),
    check(userId, { now, settings }) {
      const still = ties.filter(({ tie, checks }) => tie.userId === userId && (checks < settings.editsSettleChecks || now < tie.at + settings.editsSettleMs));
      for (const former of still) former.checks += 1;
      return still.map(({ tie }) => tie);
    },
    clear() {
      ties = [];
    },
  };
}
