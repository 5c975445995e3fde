import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { turnLeaseName } from './account-turns.ts';
import { accountBusyText } from './guards.ts';
import type { Standing } from './plan.ts';
import type { Carried, Pass } from './settle.ts';

const needsPersonMs = 10 * 60_000;
const waitingMs = 60_000;
const hourMs = 3_600_000;
/** Where only another’s end is waited for. */
const busyMs = 2_000;

/** Nothing was sent, and the candidate stays where it is. */
export function held(candidate: RemovalCandidate, standing: Standing): Carried {
  const isSlow = standing.kind === 'NeedsPerson' || standing.reason === 'BudgetSpent' || standing.reason === 'Frozen';
  return { candidate, outcome: { standing, requeueAfterMs: isSlow ? needsPersonMs : waitingMs } };
}

/**
 * The vendor does not know the person. That alone ends nothing: to a token of another account, which some tokens cannot be told from,
 * everybody is gone. The next complete refresh says who is (L9, guard 6).
 */
export function notFound(candidate: RemovalCandidate): Carried {
  return { candidate, outcome: { standing: { kind: 'Waiting', reason: 'PersonNotFound', message: notFoundText }, requeueAfterMs: hourMs } };
}

const notFoundText = 'The vendor does not know the person, asked with the token that reclaims: the next refresh tells whether they are gone. If it still has them, that token is of another account.';

/** Other work has the turn of the account, or has left it to run out. */
export function busy(candidate: RemovalCandidate, account: string, { dependencies }: Pass): Carried {
  const message = `${accountBusyText} The Lease ${turnLeaseName(account)} in the namespace of the operator tells whose turn it is.`;
  const standing = { kind: 'Waiting', reason: 'AccountBusy', message } as const;
  return { candidate, outcome: { standing, requeueAfterMs: busyMs + dependencies.random() * 2 * busyMs } };
}
