import { createAccountTurns, takeOverMarginMs, turnLastsMs, turnLeaseName, type AccountTurns } from '../../operator/controllers/removal-candidate/account-turns.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createMemoryCluster, type ClusterCall, type MemoryCluster } from './memory-cluster.ts';

export const acme = 'PagerDuty acme (US)';
export const aCandidate = { namespace: 'team-a', name: 'a.1' };
export const bCandidate = { namespace: 'team-a', name: 'b.1' };

/** Processes of one operator and their cluster. */
export interface Company {
  readonly cluster: MemoryCluster;
  readonly clock: FakeClock;
  /** A process whose wall clock is ahead by so many milliseconds; `after` comes after each of its calls. */
  readonly process: (identity: string, options?: { readonly ahead?: number | (() => number); readonly after?: (call: ClusterCall) => void }) => AccountTurns;
}

/** `hasStamps: false`: an API server that neither stamps writes nor dates answers. */
export function company({ hasStamps = true, maxReclaimsPerDay = 100 }: { readonly hasStamps?: boolean; readonly maxReclaimsPerDay?: number } = {}): Company {
  const clock = createFakeClock();
  const cluster = createMemoryCluster(clock);
  if (!hasStamps) cluster.aheadMs = undefined;
  const process: Company['process'] = (identity, { ahead = 0, after = () => undefined } = {}) =>
    createAccountTurns({ client: cluster.client(identity, { after }), clock: { ...clock, now: () => clock.now() + (typeof ahead === 'number' ? ahead : ahead()) }, steady: clock, identity, namespace: 'operator', maxReclaimsPerDay });
  return { cluster, clock, process };
}

/** Milliseconds after which a turn is over for whoever has seen it for so long. */
export const isOverMs = turnLastsMs + takeOverMarginMs;
export const leaseKey = { namespace: 'operator', name: turnLeaseName(acme) };

/** Takes the turn for a candidate. */
export const take = (turns: AccountTurns, candidate = aCandidate, account = acme): ReturnType<AccountTurns['take']> => turns.take(account, turns.holderOf(candidate), new AbortController().signal);
