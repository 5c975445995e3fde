import { compact } from '../../api/compact.ts';
import { OperatorError } from '../../api/errors.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { buildCandidate, findingsManager, type CandidateFindings } from '../../licensing/candidate/draft.ts';
import { nextOrdinal } from '../../licensing/candidate/names.ts';
import { isSamePerson } from '../../licensing/candidate/same-person.ts';
import { isClosed } from '../../licensing/candidate/transitions.ts';
import type { Judgement, ReclaimSeat } from '../../licensing/reclaim/facts.ts';
import { savingOf } from '../../licensing/reclaim/savings.ts';
import { formatMoney } from '../../licensing/position/amounts.ts';
import { modelsOf } from '../../licensing/position/read-objects.ts';
import { writeStatus } from '../../kubernetes/status-writer.ts';
import { fieldManager } from '../connection-alias/apply.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { hashOf } from '../hash.ts';
import type { Owners, RuleScene } from './input.ts';
import { ownersOf } from './judge-candidate.ts';

interface Opening {
  readonly scene: RuleScene;
  readonly owners: Owners;
  /** Hash of the plan that they are part of. */
  readonly planHash: string;
  readonly dependencies: Pick<ControllerDependencies, 'client' | 'events' | 'clock' | 'createSecret'>;
  readonly signal: AbortSignal;
}

/** Candidates of each subscription, by its name, so that a page of subscriptions costs no requests. */
export function indexCandidates(candidates: readonly RemovalCandidate[]): ReadonlyMap<string, readonly RemovalCandidate[]> {
  return Map.groupBy(candidates, ({ spec }) => spec.subject.subscriptionRef.name);
}

/** Makes the candidate, or brings the findings of the open one up to date (L20). Gives whether one was made. */
// oxlint-disable-next-line max-params -- who, what was found, those that are there, and what all of them share
export async function openCandidate(seat: ReclaimSeat, judgement: Judgement & { kind: 'Candidate' }, known: readonly RemovalCandidate[], opening: Opening): Promise<boolean> {
  const open = known.find(({ status }) => !isClosed(status?.state));
  // What was found of a newcomer is none of the former person's candidate: it closes, and the rule evaluates anew then.
  if (open !== undefined && !isSamePerson(open.spec.subject, seat)) return false;
  const findings = findingsOf(seat, judgement, open, opening);
  if (open !== undefined) {
    await writeFindings(open, findings, opening);
    return false;
  }
  const { scene, dependencies, signal } = opening;
  const { rule } = scene;
  const draft = buildCandidate({
    namespace: rule.metadata.namespace ?? '',
    subject: subjectOf(seat, scene),
    justification: judgement.justification,
    assignmentGroup: rule.spec.assignmentGroup,
    origin: { id: hashOf([dependencies.createSecret()], 32), at: new Date(dependencies.clock.now()).toISOString(), ruleUid: rule.metadata.uid ?? 'unknown' },
    ordinal: nextOrdinal(seat.name, known.map(({ metadata }) => metadata.name)),
    findings,
  });
  try {
    await dependencies.client.create(removalCandidateResource, draft, { signal, fieldManager });
  } catch (error) {
    // Made by an earlier pass, or another process, which the cache has not seen yet: one subscription has one.
    if (error instanceof OperatorError && error.detail['reason'] === 'AlreadyExists') return false;
    throw error;
  }
  return true;
}

function subjectOf(seat: ReclaimSeat, { rule, profile }: RuleScene): RemovalCandidate['spec']['subject'] {
  return {
    profileRef: { name: profile?.metadata.name ?? rule.spec.profileRef.name },
    ruleRef: { name: rule.metadata.name },
    subscriptionRef: { name: seat.name },
    externalUserId: seat.externalUserId,
    displayName: seat.displayName,
    subscriptionIdentifier: seat.identifier,
    role: seat.role,
    action: rule.spec.action,
    ...compact({ userPrincipalName: seat.userPrincipalName, downgradeTo: rule.spec.downgradeTo }),
  };
}

// oxlint-disable-next-line max-params -- as above
function findingsOf(seat: ReclaimSeat, { evidence }: Judgement & { kind: 'Candidate' }, open: RemovalCandidate | undefined, { scene, owners, planHash }: Opening): CandidateFindings {
  const { rule, profile, models } = scene;
  const saving = profile === undefined ? undefined : savingOf(seat.identifier, modelsOf(profile, models), rule.spec.downgradeTo);
  const ownership = ownersOf(seat, owners.index);
  // Whoever was part of the confirmed plan stays part of it, though the plan shrinks with each reclaim (D1): an open candidate that comes here is about the same person.
  const isInPlan = rule.spec.confirmedPlan !== undefined && open?.status?.planHash === rule.spec.confirmedPlan;
  return {
    evidence,
    planHash: isInPlan ? rule.spec.confirmedPlan : planHash,
    ...compact({ potentialSavings: saving, savingsText: saving === undefined ? undefined : formatMoney(saving) }),
    ...(ownership.length === 0 ? {} : { ownership: [...ownership] }),
  };
}

/** With a field manager of their own, so that the candidate's own controller neither owns nor undoes them. */
async function writeFindings(open: RemovalCandidate, findings: CandidateFindings, { dependencies, signal }: Opening): Promise<void> {
  const before = { ...open, status: undefined };
  await writeStatus(dependencies.client, removalCandidateResource, before, findings, { fieldManager: findingsManager, signal });
}
