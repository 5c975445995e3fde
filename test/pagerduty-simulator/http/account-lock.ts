import type { Settings } from './settings.ts';
import type { ApiError } from './replies.ts';
import { invalidInput } from './replies.ts';

/** PagerDuty's lock of the account for changes to users: one at a time, from the request to the end of its answer (facts 5.4). */
export interface AccountLock {
  /** True when somebody else has it. Release it in any case. */
  take(): { readonly refused: boolean; release(): void };
}

export function createAccountLock(settings: Readonly<Settings>): AccountLock {
  let holders = 0;
  return {
    take() {
      const refused = settings.accountLock === 'always' || (settings.accountLock === 'overlapping' && holders > 0);
      if (!refused) holders += 1;
      return {
        refused,
        release() {
          if (!refused) holders -= 1;
        },
      };
    },
  };
}

export function couldNotLock(): ApiError {
  return invalidInput('License error: Unable to perform request at this time. account could not be locked');
}
