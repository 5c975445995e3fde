import { compact } from '../../api/compact.ts';
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
