import { compact } from '../../api/compact.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { approvalId, changesBetween, type ApprovalFact } from '../../licensing/approval.ts';
import { decisionFacts, storedPersonFacts } from '../../licensing/candidate/decision-id.ts';
import { sha256 } from '../../api/sha256.ts';
import type { CandidateNote } from '../../api/removal-candidate-status.ts';
import { isClosed, transition } from '../../licensing/candidate/transitions.ts';
import type { CandidatePlan, Move, OwnStatus } from './plan.ts';
import { toText } from './times.ts';

const longestHistory = 30;
const longestText = 512;

/** The own status after a plan: its changes, and its move as the table has it; a move that the table does not have changes nothing. */
export function applyPlan(own: OwnStatus, { move, change }: Pick<CandidatePlan, 'move' | 'change'>, now: number): OwnStatus {
  const changed: OwnStatus = compact({ ...own, ...change });
  return move === undefined ? changed : applyMove(changed, move, now);
}

/**
 * The own status with what a decision has to confirm from now on, and what changed when that changed (docs/decisions/0012). Where nobody
 * can tell who the person is now, the id of before stays to be seen, and counts for nothing.
 */
export function withDecisionId(own: OwnStatus, candidate: RemovalCandidate, person: readonly ApprovalFact[] | undefined): OwnStatus {
  const { decisionId: formerId, decisionFacts: former, decisionChanges: changes, ...rest } = own;
  const known = person ?? storedPersonFacts(own);
  if (known === undefined || isClosed(own.state)) return compact({ ...rest, ...(isClosed(own.state) ? {} : { decisionId: formerId, decisionFacts: former, decisionChanges: changes }) });
  const facts = decisionFacts(candidate, { ...own, ...compact({ answer: candidate.status?.answer }) }, known);
  const decisionId = approvalId(facts, sha256);
  if (decisionId === formerId) return own;
  return compact({ ...rest, decisionId, decisionFacts: facts, decisionChanges: former === undefined ? undefined : changesBetween(former, facts) });
}

/** The own status after a move. */
export function applyMove(own: OwnStatus, { event, reason, text }: Move, now: number): OwnStatus {
  const state = transition(own.state, event);
  if (state === undefined) return own;
  const at = toText(now);
  const note: CandidateNote = { at, state, reason, text: text.slice(0, longestText) };
  const history = [...(own.history ?? []), note].slice(-longestHistory);
  const opened = own.state === undefined ? { openedAt: own.openedAt ?? at } : {};
  return { ...own, state, reason, history, ...opened, ...(isClosed(state) ? { closedAt: at } : {}) };
}
