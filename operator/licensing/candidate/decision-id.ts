import type { RemovalCandidate, RemovalCandidateStatus } from '../../api/removal-candidate.ts';
import type { SoftwareSubscriptionSpec } from '../../api/software-subscription.ts';
import { approvalId, type ApprovalFact, type Digest } from '../approval.ts';
import { canonicalText } from '../hash.ts';
import { isClosed } from './transitions.ts';

const longestValue = 512;

/** What a decision is about besides the candidate's own course: who it is at the vendor now, and where. */
export interface DecisionPerson {
  /** Name of the account at the vendor, with the type of its provider. */
  readonly account: string;
  readonly subscription: Pick<SoftwareSubscriptionSpec, 'externalUserId' | 'userPrincipalName' | 'displayName' | 'role' | 'subscriptionIdentifier'>;
}

type OwnCourse = Pick<RemovalCandidateStatus, 'round' | 'failures' | 'recoveredAt' | 'answer' | 'state'>;

const personFields = ['account', 'person', 'address', 'name', 'role', 'licence'] as const;

/** Returns who it is, as facts. A changed name alone is a change: the decision was about somebody of the former name. */
export function personFacts({ account, subscription }: DecisionPerson): ApprovalFact[] {
  const { externalUserId, userPrincipalName, displayName, role, subscriptionIdentifier } = subscription;
  const values = [account, externalUserId, userPrincipalName.toLowerCase(), displayName, role, subscriptionIdentifier];
  return personFields.map((field, index) => fact(field, values[index] ?? ''));
}

/** Returns the part of the facts in status that `personFacts` has made. */
export function storedPersonFacts(status: Pick<RemovalCandidateStatus, 'decisionFacts'> | undefined): ApprovalFact[] | undefined {
  const found = (status?.decisionFacts ?? []).filter(({ field }) => personFields.some((one) => one === field));
  return found.length === personFields.length ? found : undefined;
}

/**
 * Returns all that a decision on this candidate is about: this very object, the person, what would be done, and what has happened so far:
 * the round in which the person is asked, their answer, the attempts that failed, and whether its status was lost (docs/decisions/0012).
 */
export function decisionFacts({ metadata, spec }: Pick<RemovalCandidate, 'metadata' | 'spec'>, course: OwnCourse, person: readonly ApprovalFact[]): ApprovalFact[] {
  const { action, downgradeTo } = spec.subject;
  const { answer } = course;
  return [
    ...person,
    fact('candidate', metadata.uid ?? ''),
    fact('action', action),
    fact('target', downgradeTo === undefined ? '' : canonicalText(downgradeTo)),
    fact('round', String(course.round ?? 1)),
    fact('failures', String(course.failures ?? 0)),
    fact('status lost', course.recoveredAt ?? ''),
    // Whoever lets it go agrees with the decision; only a wish to keep wants another one (L5).
    fact('answer', answer?.verdict === 'Keep' ? `Keep at ${answer.at}` : ''),
  ];
}

/** Returns the id that `spec.decision.confirms` has to equal now; undefined where nobody can decide: it is closed, or who it is cannot be told. */
export function decisionIdOf(candidate: Pick<RemovalCandidate, 'metadata' | 'spec' | 'status'>, person: readonly ApprovalFact[] | undefined, digest: Digest): string | undefined {
  const course = candidate.status ?? {};
  if (person === undefined || isClosed(course.state)) return undefined;
  return approvalId(decisionFacts(candidate, course, person), digest);
}

function fact(field: string, value: string): ApprovalFact {
  return { field, value: value.slice(0, longestValue) };
}
