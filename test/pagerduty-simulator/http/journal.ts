import type { Outcome } from './outcome.ts';

/** One request that reached the simulator. Secrets are never in it: not the header, not the token endpoint's body. */
export interface JournalEntry {
  readonly number: number;
  readonly method: string;
  readonly path: string;
  /** Route without ids, such as `/users/{id}`; the path itself where no route fits. */
  readonly route: string;
  readonly query: readonly (readonly [string, string])[];
  /** Status decided on; 0 when the connection was cut before any. */
  readonly status: number;
  /** Who asked, such as `app-1`; undefined when not authenticated. */
  readonly credentialId: string | undefined;
  /** What was asked of the token endpoint by somebody it knows. */
  readonly grantType?: string;
  /** Milliseconds since the epoch, by the simulator's clock. */
  readonly time: number;
  /** Whom the request was about. */
  readonly person?: string;
  /** Of requests other than GET: whether it was carried out, even if the answer was lost. */
  readonly outcome?: Outcome;
  /** Kind of the fault that was put on the answer. */
  readonly fault: string | undefined;
}

export interface JournalFilter {
  readonly method?: string;
  readonly route?: string;
  readonly path?: string;
  readonly status?: number;
  readonly credentialId?: string;
  readonly person?: string;
  readonly outcome?: Outcome;
}

export interface Journal {
  /** Oldest first. */
  list(filter?: JournalFilter): JournalEntry[];
  /** Requests that could change something at PagerDuty; tokens, consent and questions to analytics do not (S66, guard 1). */
  writes(filter?: JournalFilter): JournalEntry[];
  /** Entries thrown away because the journal was full. */
  dropped(): number;
  clear(): void;
}

export interface WritableJournal extends Journal {
  add(entry: Omit<JournalEntry, 'number'>): void;
}

export function createJournal(capacity = 200_000): WritableJournal {
  let entries: JournalEntry[] = [];
  let number = 0;
  let dropped = 0;

  function list(filter: JournalFilter = {}): JournalEntry[] {
    const wishes = Object.entries(filter).filter(([, value]) => value !== undefined);
    return entries.filter((entry) => wishes.every(([key, value]) => entry[key as keyof JournalFilter] === value));
  }

  return {
    add(entry) {
      number += 1;
      entries.push({ number, ...entry });
      if (entries.length <= capacity) return;
      const excess = Math.ceil(capacity / 10);
      dropped += excess;
      entries = entries.slice(excess);
    },
    list,
    writes: (filter) => list(filter).filter((entry) => entry.method !== 'GET' && !/^\/(oauth|analytics)\//.test(entry.route)),
    dropped: () => dropped,
    clear() {
      entries = [];
      dropped = 0;
    },
  };
}
