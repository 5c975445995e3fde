import { compact } from '../../api/compact.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { Inspection } from '../../providers/reclaim.ts';
import { endingOf, findBlockers } from './inspection-guards.ts';
import type { Standing } from './plan.ts';
import type { FullScene } from './obstacles.ts';
import { askVendor } from './ask-vendor.ts';
import { held, notFound } from './held.ts';
import { isStanding, openReclaimSession, type ReclaimSession } from './session.ts';
import type { Carried, Pass } from './settle.ts';
import { timeOf, toText } from './times.ts';

/** Schedules, policies and incidents of a large account are many pages, and the vendor limits the rate. */
const inspectionMs = 120_000;

/** What the vendor knows of the person now, or why it cannot be asked. Changes nothing there. */
export async function inspectPerson({ candidate, rule, verdict }: FullScene, opened: ReclaimSession, { signal }: Pass): Promise<Inspection | Standing> {
  const { externalUserId, action, downgradeTo } = candidate.spec.subject;
  const evidence = verdict.judgement.kind === 'Candidate' ? verdict.judgement.evidence : candidate.status?.evidence;
  const evidenceTo = timeOf(evidence?.windowTo);
  if (Number.isNaN(evidenceTo)) return { kind: 'Waiting', reason: 'EvidenceIncomplete', message: 'It is not known until when the evidence is complete, so the vendor cannot be asked for what came after it.' };
  const request = { externalUserId, action, evidenceTo, protectedTags: rule.spec.protect.tags, ...(downgradeTo === undefined ? {} : { downgradeTo: compact(downgradeTo) }) };
  return askVendor(opened, { ms: inspectionMs, signal }, (session) => opened.provider.reclaim.inspect(request, session));
}

/** Asks what stands in the way, before anybody is told (guard 3): the answer is put into status, and decided on in the next pass. */
export async function inspectCandidate(scene: FullScene, pass: Pass): Promise<Carried> {
  const { candidate } = scene;
  const opened = await openReclaimSession(scene.profile, pass.dependencies, pass.signal);
  if (isStanding(opened)) return held(candidate, opened);
  const inspection = await inspectPerson(scene, opened, pass);
  if (isStanding(inspection)) return held(candidate, inspection);
  if (inspection.kind === 'Gone') return notFound(candidate);
  const inspectedAt = toText(pass.dependencies.clock.now());
  const standing = { kind: 'Waiting', reason: 'Inspected', message: 'The vendor was asked what stands in the way.' } as const;
  const ending = endingOf(inspection);
  if (ending !== undefined) return { candidate, outcome: { move: ending, standing, requeueAfterMs: 0 } };
  const blockers = findBlockers({ scene, inspection });
  const change = { inspectedAt, blockers: blockers.length === 0 ? undefined : blockers.slice(0, 20), blockerCount: blockers.length === 0 ? undefined : blockers.length };
  return { candidate, outcome: { change, standing: keepStanding(candidate, standing), requeueAfterMs: 0 } };
}

/** While it stays blocked, its conditions do not go back and forth. */
function keepStanding({ status }: RemovalCandidate, standing: Standing): Standing {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (status?.state !== 'AttentionRequired' || ready === undefined) return standing;
  return { kind: 'NeedsPerson', reason: ready.reason, message: ready.message };
}
