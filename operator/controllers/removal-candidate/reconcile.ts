import { removalCandidateResource } from '../../api/removal-candidate.ts';
import type { CandidateScene } from '../../licensing/candidate/facts.ts';
import { isClosed, transition } from '../../licensing/candidate/transitions.ts';
import { objectName } from '../object-key.ts';
import { adoptFindings } from './adopt-findings.ts';
import { decideCandidate } from './decide.ts';
import { gatherScene, readCandidate } from './gather.ts';
import { inspectCandidate } from './inspect.ts';
import type { CandidateDependencies } from './input.ts';
import type { FullScene } from './obstacles.ts';
import type { CandidateEffect, CandidatePlan } from './plan.ts';
import { readBackAttempt } from './read-back.ts';
import { aboutCandidate } from './records.ts';
import { reclaimCandidate } from './reclaim.ts';
import { recoverIfBehind, recoverStatusOf } from './recover.ts';
import { restoreCandidate } from './restore.ts';
import { sendMessage } from './send-message.ts';
import { recordFact, settle, type Carried, type Pass } from './settle.ts';
import { deleteUndo } from './undo-secret.ts';

/** What has happened is recorded even while the process ends. */
const recordingMs = 10_000;

/**
 * Brings one RemovalCandidate a step further (design section 3, Reclaim): read → decide → one move or one effect → status. Everything that
 * is decided on is read anew, and every write is under the version that was read: a pass that breaks off anywhere, and
 * one that another process makes at the same time, do no harm (guard 4).
 */
export async function reconcileCandidate(key: string, dependencies: CandidateDependencies, signal: AbortSignal): Promise<{ requeueAfterMs?: number }> {
  const start: Pass = { dependencies, signal };
  const found = await readCandidate(objectName(key), { client: dependencies.client, signal });
  if (found === undefined || found.metadata.deletionTimestamp !== undefined) return {};
  const candidate = await adoptFindings(await recoverStatusOf(found, start), start);
  const { clock } = dependencies;
  const scene = await gatherScene(candidate, { ...dependencies, signal });
  const pass: Pass = { ...start, person: scene.person };
  const plan = decideCandidate(scene, clock.now());
  if (plan.effect.kind === 'None') {
    if (closes(candidate, plan) && (await recoverIfBehind(candidate, pass))) return { requeueAfterMs: 0 };
    await settle(candidate, plan, pass);
    return wish(plan);
  }
  return carryOut(plan.effect, plan, { scene: { ...scene, candidate: await prepare(scene, plan, pass) }, pass });
}

function closes({ status }: CandidateScene['candidate'], { move }: CandidatePlan): boolean {
  return move !== undefined && isClosed(transition(status?.state, move.event));
}

/** Fields that change before an effect; what the conditions say is known after it. */
async function prepare({ candidate }: CandidateScene, plan: CandidatePlan, pass: Pass): Promise<CandidateScene['candidate']> {
  return plan.change === undefined || Object.keys(plan.change).length === 0 ? candidate : settle(candidate, plan, pass);
}

interface Step {
  readonly scene: CandidateScene;
  readonly pass: Pass;
}

async function carryOut(effect: CandidateEffect, plan: CandidatePlan, step: Step): Promise<{ requeueAfterMs?: number }> {
  if (effect.kind === 'DeleteCandidate') return deleteCandidate(step);
  const { candidate, outcome } = await workOn(effect, plan, step);
  await settle(candidate, outcome, step.pass);
  return wish(outcome);
}

async function workOn(effect: CandidateEffect, { standing }: CandidatePlan, { scene, pass }: Step): Promise<Carried> {
  switch (effect.kind) {
    case 'SendMessage':
      return sendMessage(scene, effect.message, standing, pass);
    case 'Inspect':
      return inspectCandidate(requireFull(scene), pass);
    case 'Reclaim':
      return reclaimCandidate(scene.candidate, pass);
    case 'ReadBack':
      return readBackAttempt(scene.candidate, pass);
    case 'Restore':
      return restoreCandidate(scene.candidate, pass);
    case 'DeleteUndo':
      return forgetUndo(scene.candidate, standing, pass);
    case 'DeleteCandidate':
    case 'None':
      break;
  }
  return { candidate: scene.candidate, outcome: { standing } };
}

function requireFull(scene: CandidateScene): FullScene {
  const { rule, profile, verdict, subscription } = scene;
  if (rule === undefined || profile === undefined || verdict === undefined || subscription === undefined) throw new TypeError('The vendor is asked about candidates with rule, profile and subscription only.');
  return { ...scene, rule, profile, verdict, subscription };
}

/** D4: personal data that nobody may need any more. That it was there stays known. */
async function forgetUndo(candidate: CandidateScene['candidate'], standing: CandidatePlan['standing'], { dependencies, signal }: Pass): Promise<Carried> {
  const { undo } = candidate.status ?? {};
  if (undo === undefined) return { candidate, outcome: { standing } };
  const found = await deleteUndo(candidate.metadata.namespace ?? '', undo.secret, { client: dependencies.client, signal });
  // Gone: by hand, or by an earlier pass that died before it could say so. Recorded twice is better than never.
  const cause = found === 'Gone' ? 'FoundGone' : 'Expired';
  if (found !== 'NotOurs') await recordFact(candidate, { ...aboutCandidate(candidate), event: 'BundleDeleted', actor: 'operator', data: { cause, expiresAt: undo.expiresAt, secret: undo.secret } }, { dependencies, signal: AbortSignal.timeout(recordingMs) });
  return { candidate, outcome: { change: { undo: { ...undo, secret: '' } }, standing, requeueAfterMs: 0 } };
}

async function deleteCandidate({ scene: { candidate }, pass: { dependencies, signal } }: Step): Promise<{ requeueAfterMs?: number }> {
  const { name, namespace, uid, resourceVersion } = candidate.metadata;
  const precondition = { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  await dependencies.client.delete(removalCandidateResource, { name, ...(namespace === undefined ? {} : { namespace }) }, { signal, ...precondition });
  return {};
}

function wish({ requeueAfterMs }: Pick<CandidatePlan, 'requeueAfterMs'>): { requeueAfterMs?: number } {
  return requeueAfterMs === undefined ? {} : { requeueAfterMs };
}
