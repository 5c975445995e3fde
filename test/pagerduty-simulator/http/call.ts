import type { Account } from '../account/account.ts';
import type { Credential } from '../auth/credentials.ts';
import type { TimeZones } from '../company/time-zones.ts';
import type { Fault } from '../faults/rules.ts';
import type { ListingMemory } from './paging.ts';
import type { Reply } from './replies.ts';
import type { Settings } from './settings.ts';

/** An authenticated and authorized request, with all that a handler may look at. */
export interface Call {
  /** The `{…}` parts of the route. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Undecoded. */
  readonly body: string;
  /** The header `From`, an e-mail address (facts 1.8). */
  readonly from: string | undefined;
  readonly credential: Credential;
  readonly account: Account;
  readonly settings: Readonly<Settings>;
  readonly zones: TimeZones;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** A fault that the paging has to act out. */
  readonly fault: Fault | undefined;
  readonly memory: ListingMemory;
}

export interface Route {
  readonly method: string;
  /** Such as `/users/{id}`. */
  readonly pattern: string;
  /** What an OAuth token must have; null = nothing (facts 2). */
  readonly scope: string | null | ((settings: Readonly<Settings>) => string | null);
  /** Counted under the extra limit too (facts 6.1). */
  readonly oncalls?: boolean;
  /** Changes users, so the account is locked for it (facts 5.4). */
  readonly userWrite?: boolean;
  /** A plan without it answers 402. */
  readonly ability?: string;
  /** The setting that says whether the plan has it; without it 402. */
  readonly plan?: 'planHasAnalytics' | 'planHasAudit';
  handle(call: Call): Reply;
}
