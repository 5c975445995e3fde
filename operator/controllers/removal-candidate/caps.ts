import { dailyCapOf, decideDailyCap } from '../../licensing/reclaim/budget.ts';
import type { AccountReclaims } from './account-turns.ts';
import type { FullScene } from './obstacles.ts';
import type { Standing } from './plan.ts';

/** What the caps are asked about (guard 5); rules have limits of their own besides, which add up. */
interface CapFacts {
  readonly scene: Pick<FullScene, 'profile'>;
  readonly startedOfProfile: readonly number[];
  readonly accountReclaims: AccountReclaims | undefined;
  readonly now: number;
}

/** How many of the profile may begin within 24 hours, whatever its rules allow. */
export function overProfileCap({ scene: { profile }, startedOfProfile: started, now }: CapFacts): Standing | undefined {
  const allowed = dailyCapOf(profile.status?.subscriptions?.total, profile.spec.reclaimLimits);
  if (decideDailyCap({ started, allowed, now }).left > 0) return undefined;
  return { kind: 'Waiting', reason: 'BudgetSpent', message: `The rules of the IntegrationProfile ${profile.metadata.name} began as many reclaims within 24 hours as its spec.reclaimLimits allows (${allowed} a day). The operator goes on by itself.` };
}

/** How many in the account may begin within 24 hours, of all namespaces; its Lease counts them, so it holds when candidates lose their status. */
export function overAccountCap({ accountReclaims, now }: CapFacts): Standing | undefined {
  if (accountReclaims === undefined) return undefined;
  const { started, maxPerDay: allowed } = accountReclaims;
  if (decideDailyCap({ started, allowed, now }).left > 0) return undefined;
  return { kind: 'Waiting', reason: 'BudgetSpent', message: `All profiles and namespaces together began as many reclaims in this account within 24 hours as the operator allows (${allowed} a day, --max-reclaims-per-account-per-day). The operator goes on by itself.` };
}
