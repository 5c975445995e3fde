import { compact } from '../../api/compact.ts';
import { OperatorError } from '../../api/errors.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { AuditEntry } from '../../audit/trail.ts';
import type { CandidateScene } from '../../licensing/candidate/facts.ts';
import { applyPlan, withDecisionId } from './apply-move.ts';
import { readCandidate } from './gather.ts';
import type { CandidateDependencies } from './input.ts';
import { ownPart, type CandidatePlan } from './plan.ts';
import { auditOf, eventOfMove } from './records.ts';
import { writeOwn } from './write-own.ts';

/** What is made so by writing status. */
export type Outcome = Pick<CandidatePlan, 'move' | 'change' | 'standing' | 'requeueAfterMs'>;

/** What a pass works with. */
export interface Pass {
  readonly dependencies: CandidateDependencies;
  readonly signal: AbortSignal;
  /** Who the person is now, as facts of a decision; undefined = as status has it. */
  readonly person?: CandidateScene['person'];
}

/** What an effect has come to, and the candidate that it is to be written into. */
export interface Carried {
  readonly candidate: RemovalCandidate;
  readonly outcome: Outcome;
}

/**
 * Makes an outcome so: records it first (what cannot be recorded is not done), then writes the own status under the version of
 * `candidate`, then tells. Gives the candidate as it is then. A Conflict means that somebody was faster, and nothing was written.
 */
export async function settle(candidate: RemovalCandidate, outcome: Outcome, { dependencies, signal, person }: Pass): Promise<RemovalCandidate> {
  const { audit, client, clock, events } = dependencies;
  const now = clock.now();
  const next = withDecisionId(applyPlan({ ...ownPart(candidate.status), ...compact({ uid: candidate.metadata.uid }) }, outcome, now), candidate, person);
  for (const entry of auditOf(candidate, { move: outcome.move, next })) await audit.append(candidate.metadata.namespace ?? '', entry, signal);
  const written = await writeOwn(candidate, { own: next, standing: outcome.standing }, { client, now, signal });
  if (outcome.move !== undefined && next.state !== candidate.status?.state) events.record(candidate, eventOfMove(outcome.move));
  return written;
}

const triesToRecord = 5;

/**
 * Records what has happened already, which must not be lost to somebody who edits the candidate meanwhile: it is read again
 * and written again, as long as `outcomeOf` says that it is still about the same thing.
 */
export async function settleFact(start: RemovalCandidate, outcomeOf: (candidate: RemovalCandidate) => Outcome | undefined, pass: Pass): Promise<Carried | undefined> {
  let candidate: RemovalCandidate | undefined = start;
  for (let tried = 1; candidate !== undefined; tried += 1) {
    const outcome: Outcome | undefined = outcomeOf(candidate);
    if (outcome === undefined) return undefined;
    try {
      return { candidate: await settle(candidate, outcome, pass), outcome };
    } catch (error) {
      if (tried === triesToRecord || !(error instanceof OperatorError) || error.failure.kind !== 'Conflict') throw error;
    }
    candidate = await readCandidate({ namespace: start.metadata.namespace ?? '', name: start.metadata.name }, { client: pass.dependencies.client, signal: pass.signal });
  }
  return undefined;
}

/** Records what has happened already; what the trail does not take after three tries is told, since it cannot be undone. */
export async function recordFact(about: KubernetesObject, entry: AuditEntry, { dependencies, signal }: { readonly dependencies: Pick<CandidateDependencies, 'audit' | 'events' | 'logger'>; readonly signal: AbortSignal }): Promise<void> {
  const { namespace, name } = about.metadata;
  for (let tried = 1; ; tried += 1) {
    try {
      await dependencies.audit.append(namespace ?? '', entry, signal);
      return;
    } catch (error) {
      if (tried < 3) continue;
      dependencies.logger.warn({ err: error, event: entry.event, namespace, name }, 'what has happened could not be recorded');
      dependencies.events.record(about, { type: 'Warning', reason: 'NotRecorded', action: 'Reclaim', note: `The audit trail lacks a record of what has happened: ${entry.event}. The log of the operator has it, and the status of the object.` });
      return;
    }
  }
}
