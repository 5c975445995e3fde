import { compact } from '../../api/compact.ts';
import { toFailure } from '../../api/errors.ts';
import { product } from '../../api/group.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { AnswerClaim } from '../../notices/links.ts';

/** Its own, so that the answer belongs to nobody who writes the rest of the status. */
export const answerFieldManager = `${product}-answer`;

/** The controller writes the same status; each of its writes costs a try. */
const mostTries = 8;

export interface AnswerTools {
  readonly client: Pick<KubernetesClient, 'get' | 'apply'>;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * Whether a proven claim may be answered: the candidate is the one that the link was made for, it waits for the person, and nobody
 * has answered yet.
 */
export function isAnswerable(candidate: RemovalCandidate | undefined, claim: AnswerClaim, now: number): candidate is RemovalCandidate {
  if (candidate === undefined || claim.expiresAt <= now) return false;
  const { metadata, status } = candidate;
  const isAsked = status?.state === 'AwaitingUser' && (status.round ?? 1) === claim.round && (status.answer === undefined || isOfFormerRound(status));
  return metadata.uid === claim.uid && metadata.deletionTimestamp === undefined && isAsked;
}

/** An answer to a former notice, which may have gone to another address, is no answer to this one (guard 9). */
function isOfFormerRound({ answer, round = 1 }: NonNullable<RemovalCandidate['status']>): boolean {
  return answer !== undefined && (answer.round ?? 1) !== round;
}

/** The candidate of a claim, read live; undefined when the claim can no longer be answered. */
export async function findAnswerable(claim: AnswerClaim, { client, now, signal }: AnswerTools): Promise<RemovalCandidate | undefined> {
  const { namespace, name } = claim;
  const candidate = await client.get<RemovalCandidate>(removalCandidateResource, { namespace, name }, { signal });
  return isAnswerable(candidate, claim, now()) ? candidate : undefined;
}

/**
 * Writes the answer into status, under the version of the candidate that was judged: of two at once, on two replicas, one wins, and the
 * other finds the candidate answered. False when it could no longer be answered.
 * Throws the failure of the API server; whether it has written is then not known, and a further try finds out.
 */
export async function recordAnswer(claim: AnswerClaim, reason: string | undefined, tools: AnswerTools): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    const candidate = await findAnswerable(claim, tools);
    if (candidate === undefined) return false;
    try {
      await writeAnswer(candidate, { ...claim, reason }, tools);
      return true;
    } catch (error) {
      if (toFailure(error).kind !== 'Conflict' || tries >= mostTries) throw error;
    }
  }
}

async function writeAnswer({ metadata, status }: RemovalCandidate, { verdict, round, reason }: Pick<AnswerClaim, 'verdict' | 'round'> & { reason: string | undefined }, { client, now, signal }: AnswerTools): Promise<void> {
  const { namespace = '', name, resourceVersion = '' } = metadata;
  const { apiVersion, kind } = removalCandidateResource;
  const answer = { verdict, at: new Date(answeredAt(status, now())).toISOString(), via: 'Link', round, ...compact({ reason }) };
  // Not by force: whoever has set an answer in the meantime keeps it.
  await client.apply(removalCandidateResource, { apiVersion, kind, metadata: { namespace, name, resourceVersion }, status: { answer } }, { fieldManager: answerFieldManager, subresource: 'status', signal });
}

/**
 * Never before the decision that was there already: whichever comes later counts (L5), and the clock of this replica may be behind that
 * of the leader, who wrote down when it was decided. Else a wish to keep would pass for one that has been declined.
 */
function answeredAt(status: RemovalCandidate['status'], now: number): number {
  const decidedAt = Date.parse(status?.decidedAt ?? '');
  return decidedAt >= now ? decidedAt + 1 : now;
}
