import type { CandidateAttempt } from '../../api/removal-candidate-status.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { GuardFacts } from './guards.ts';
import { listLagMs } from './recent-reclaims.ts';
import { mayTakeEffect } from '../../licensing/candidate/undo-expiry.ts';
import { timeOf } from './times.ts';

export interface SiblingQuestion {
  readonly client: Pick<KubernetesClient, 'pages'>;
  /** Account that is about to be written to, if it is known yet. */
  readonly account: string | undefined;
  readonly adminRoles: readonly string[];
  readonly now: number;
  readonly signal: AbortSignal;
}

export interface Siblings extends Pick<GuardFacts, 'started' | 'startedOfProfile'> {
  /** Uids of candidates of admins who may be going. */
  readonly admins: readonly string[];
}

/**
 * Attempts for other candidates of the profile, and of other profiles of the namespace that were made in the same account, read live. By
 * what is fixed in their spec and what only the operator writes: labels can be taken off (guards 2 and 5). Those of other namespaces
 * are in the Lease of the account.
 */
export async function readSiblings(candidate: RemovalCandidate, question: SiblingQuestion): Promise<Siblings> {
  const { client, signal } = question;
  const started: number[] = [];
  const startedOfProfile: number[] = [];
  const admins: string[] = [];
  for await (const page of client.pages<RemovalCandidate>(removalCandidateResource, { namespace: candidate.metadata.namespace ?? '', limit: 100, signal })) {
    for (const sibling of page.filter(({ metadata }) => metadata.uid !== candidate.metadata.uid)) {
      const at = isOfProfile(sibling, candidate) ? startOf(sibling) : [];
      startedOfProfile.push(...at);
      if (isOfRule(sibling, candidate)) started.push(...at);
      if (isRecentAdmin(sibling, candidate, question)) admins.push(uidOf(sibling));
    }
  }
  return { started, startedOfProfile, admins };
}

/** What a candidate is known by in the Lease of an account. */
export function uidOf({ metadata: { uid, namespace, name } }: RemovalCandidate): string {
  return uid ?? `${namespace ?? ''}/${name}`;
}

function isRecentAdmin(sibling: RemovalCandidate, candidate: RemovalCandidate, { account, adminRoles, now }: SiblingQuestion): boolean {
  const { attempt } = sibling.status ?? {};
  return attempt !== undefined && isOfAccount(sibling, candidate, account) && adminRoles.includes(sibling.spec.subject.role) && isRecent(attempt, now);
}

/** When its attempt was begun, if one was. */
function startOf({ status }: RemovalCandidate): number[] {
  return status?.attempt === undefined ? [] : [timeOf(status.attempt.startedAt)];
}

function isOfProfile(sibling: RemovalCandidate, { spec: { subject } }: RemovalCandidate): boolean {
  return sibling.spec.subject.profileRef.name === subject.profileRef.name;
}

function isOfRule(sibling: RemovalCandidate, candidate: RemovalCandidate): boolean {
  return isOfProfile(sibling, candidate) && sibling.spec.subject.ruleRef.name === candidate.spec.subject.ruleRef.name;
}

function isOfAccount(sibling: RemovalCandidate, candidate: RemovalCandidate, account: string | undefined): boolean {
  return isOfProfile(sibling, candidate) || (account !== undefined && sibling.status?.undo?.account === account.slice(0, 253));
}

/** One that was refused took nobody away; of one whose end is not known nobody can tell. */
function isRecent(attempt: CandidateAttempt, now: number): boolean {
  const { startedAt, endedAt } = attempt;
  if (!mayTakeEffect(attempt)) return false;
  return endedAt === undefined || !(now - timeOf(startedAt) > listLagMs);
}
