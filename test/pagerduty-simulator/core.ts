import type { Account } from './account/account.ts';
import type { Credentials } from './auth/credentials.ts';
import type { Identity } from './auth/identity.ts';
import type { TimeZones } from './company/time-zones.ts';
import type { AskableFaultRules } from './faults/rules.ts';
import type { AccountLock } from './http/account-lock.ts';
import type { SimulatorClock } from './http/clock.ts';
import type { WritableJournal } from './http/journal.ts';
import type { ListingMemory } from './http/paging.ts';
import type { RateLimiter } from './http/rate-limit.ts';
import type { Settings } from './http/settings.ts';

/** The parts of one running simulator. */
export interface Core {
  readonly account: Account;
  readonly credentials: Credentials;
  readonly identity: Identity;
  readonly faults: AskableFaultRules;
  readonly journal: WritableJournal;
  readonly clock: SimulatorClock;
  readonly settings: Settings;
  readonly lock: AccountLock;
  readonly rateLimiter: RateLimiter;
  readonly zones: TimeZones;
  readonly memory: ListingMemory;
  /** Aborted when the simulator stops. */
  readonly stop: AbortSignal;
}
