/** Lets one piece of work at a time write to an account, whichever profile it is for (guard 4). */
export interface AccountLocks {
  /** A function that gives the lock back, or undefined while somebody else has it: nobody waits in line. */
  tryLock(account: string): (() => void) | undefined;
}

export function createAccountLocks(): AccountLocks {
  const held = new Set<string>();
  return {
    tryLock(account) {
      if (held.has(account)) return undefined;
      held.add(account);
      return () => {
        held.delete(account);
      };
    },
  };
}
