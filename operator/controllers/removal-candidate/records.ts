import { compact } from '../../api/compact.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { AuditEntry } from '../../audit/trail.ts';
import type { EventNote } from '../../kubernetes/event-recorder.ts';
import { isClosed } from '../../licensing/candidate/transitions.ts';
import type { Move, OwnStatus } from './plan.ts';

/** Facts of a candidate that every record of it has. */
export function aboutCandidate({ metadata, spec }: RemovalCandidate): Pick<AuditEntry, 'profile' | 'rule' | 'candidate' | 'origin' | 'externalUserId'> {
  const { profileRef, ruleRef, externalUserId } = spec.subject;
  return { profile: profileRef.name, rule: ruleRef.name, candidate: metadata.name, externalUserId, ...compact({ origin: spec.origin?.id }) };
}

/** What the audit trail says of a plan, before it is made so (C24): who decided or answered, and what becomes of it. */
export function auditOf(candidate: RemovalCandidate, { move, next }: { readonly move: Move | undefined; readonly next: OwnStatus }): AuditEntry[] {
  const from = candidate.status?.state;
  const decision = next.decision === undefined || next.decision === candidate.status?.decision ? [] : decided(candidate);
  if (move === undefined || next.state === from) return decision;
  const data = compact({ from, to: next.state, reason: move.reason, action: candidate.spec.subject.action });
  const change: AuditEntry = { ...aboutCandidate(candidate), event: changeEvent(from, next), actor: move.actor ?? 'operator', data: { ...data, ...evidenceOf(candidate, from) } };
  return [...decision, ...(move.actor === 'user' ? answered(candidate) : []), change];
}

function changeEvent(from: string | undefined, next: OwnStatus): AuditEntry['event'] {
  if (from === undefined) return 'CandidateOpened';
  return isClosed(next.state) ? 'CandidateClosed' : 'StateChanged';
}

function evidenceOf({ metadata, spec, status }: RemovalCandidate, from: string | undefined): Record<string, string> {
  if (from !== undefined) return {};
  const { evidence, planHash } = status ?? {};
  return compact({
    uid: metadata.uid,
    justification: spec.justification,
    lastActivity: evidence?.lastActivity?.time,
    windowFrom: evidence?.windowFrom,
    windowTo: evidence?.windowTo,
    thresholdDays: evidence === undefined ? undefined : String(evidence.thresholdDays),
    planHash,
  });
}

/** The words of whoever decided; the trail hides addresses in them. */
function decided(candidate: RemovalCandidate): AuditEntry[] {
  const { decision } = candidate.spec;
  return decision === undefined ? [] : [{ ...aboutCandidate(candidate), event: 'Decided', actor: decision.by, data: compact({ verdict: decision.verdict, at: decision.at, reason: decision.reason, confirms: decision.confirms }) }];
}

function answered(candidate: RemovalCandidate): AuditEntry[] {
  const { answer } = candidate.status ?? {};
  return answer === undefined ? [] : [{ ...aboutCandidate(candidate), event: 'Answered', actor: 'user', data: compact({ verdict: answer.verdict, at: answer.at, via: answer.via, reason: answer.reason }) }];
}

/** What `kubectl describe` says of a move. */
export function eventOfMove({ reason, text, isWarning }: Move): EventNote {
  return { type: isWarning === true ? 'Warning' : 'Normal', reason, action: 'Reclaim', note: text };
}
