import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { retryable } from '../../api/errors.ts';
import type { Inspection } from '../../providers/reclaim.ts';
import { endingOf, findBlockers } from './inspection-guards.ts';
import type { FullScene } from './obstacles.ts';
import { held } from './held.ts';
import { isStanding, openReclaimSession, type ReclaimSession } from './session.ts';
import type { Carried, Pass } from './settle.ts';
import { timeOf, toText } from './times.ts';

/** Schedules, policies and incidents of a large account are many pages, and the vendor limits the rate. */
const inspectionMs = 120_000;

/** What the vendor knows of the person now. Changes nothing there. */
export async function inspectPerson({ candidate, rule, verdict }: FullScene, { provider, session }: ReclaimSession, { signal }: Pass): Promise<Inspection> {
  const { externalUserId, action } = candidate.spec.subject;
  const evidence = verdict.judgement.kind === 'Candidate' ? verdict.judgement.evidence : candidate.status?.evidence;
  const evidenceTo = timeOf(evidence?.windowTo);
  if (Number.isNaN(evidenceTo)) throw retryable('EvidenceIncomplete', 'It is not known until when the evidence is complete, so the vendor cannot be asked for what came after it.');
  const protectedTags = rule.spec.protect.tags ?? [];
  const deadline = AbortSignal.timeout(inspectionMs);
  try {
    return await provider.reclaim.inspect({ externalUserId, action, evidenceTo, protectedTags }, { ...session, signal: AbortSignal.any([signal, deadline]) });
  } catch (error) {
    if (deadline.aborted && !signal.aborted) throw retryable('VendorUnavailable', 'The vendor did not answer in time.');
    throw error;
  }
}

/** Asks what stands in the way, before anybody is told (guard 3): the answer is put into status, and decided on in the next pass. */
export async function inspectCandidate(scene: FullScene, pass: Pass): Promise<Carried> {
  const { candidate } = scene;
  const opened = await openReclaimSession(scene.profile, pass.dependencies, pass.signal);
  if (isStanding(opened)) return held(candidate, opened);
  const inspection = await inspectPerson(scene, opened, pass);
  const inspectedAt = toText(pass.dependencies.clock.now());
  const standing = { kind: 'Waiting', reason: 'Inspected', message: 'The vendor was asked what stands in the way.' } as const;
  const ending = endingOf(inspection);
  if (ending !== undefined) return { candidate, outcome: { move: ending, standing, requeueAfterMs: 0 } };
  const blockers = inspection.kind === 'Found' ? findBlockers({ scene, inspection }) : [];
  const change = { inspectedAt, blockers: blockers.length === 0 ? undefined : blockers.slice(0, 20), blockerCount: blockers.length === 0 ? undefined : blockers.length };
  return { candidate, outcome: { change, standing: keepStanding(candidate, standing), requeueAfterMs: 0 } };
}

/** While it stays blocked, its conditions do not go back and forth. */
function keepStanding({ status }: RemovalCandidate, standing: Carried['outcome']['standing']): Carried['outcome']['standing'] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (status?.state !== 'AttentionRequired' || ready === undefined) return standing;
  return { kind: 'NeedsPerson', reason: ready.reason, message: ready.message };
}
