import type { Clock } from '../../api/clock.ts';
import { OperatorError, terminal, toFailure } from '../../api/errors.ts';
import type { ResourceType } from '../../api/kind.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import { removalCandidateResource, type RemovalCandidate, type Verdict } from '../../api/removal-candidate.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { findRefusal, needsId, readyOf, type Decision } from './decision.ts';

export interface DecideFlow {
  readonly client: Pick<KubernetesClient, 'get' | 'pages' | 'create' | 'mergePatch'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly namespace: string;
}

/** What became of one candidate. */
export interface Decided {
  readonly candidate: string;
  /** Undefined when it was decided. */
  readonly problem: string | undefined;
  /** Decision that was there before. */
  readonly instead: Verdict | undefined;
}

const fieldManager = 'saaslicense-decide';
/** Somebody writes the status of a candidate now and then; a decision that fits what is there by then is still made. */
const tries = 4;
const pageSize = 250;

const selfSubjectReview: ResourceType = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', plural: 'selfsubjectreviews', namespaced: false };

interface SelfSubjectReview extends KubernetesObject {
  readonly status?: { readonly userInfo?: { readonly username?: string } };
}

/**
 * The name with which the person has logged in to the API server; that is who decides.
 * @throws OperatorError UnknownPerson (Terminal).
 */
export async function findOwnName({ client }: Pick<DecideFlow, 'client'>): Promise<string> {
  const { apiVersion, kind } = selfSubjectReview;
  const review = await client.create<SelfSubjectReview>(selfSubjectReview, { apiVersion, kind, metadata: { name: 'self' } });
  const name = review.status?.userInfo?.username ?? '';
  if (name === '') throw terminal('UnknownPerson', 'The API server does not tell who you are: say it with --by.');
  return name;
}

/** Candidates of a rule that are Ready and not decided on (L13). */
export async function findReady(rule: string, { client, namespace }: DecideFlow): Promise<RemovalCandidate[]> {
  const found: RemovalCandidate[] = [];
  for await (const page of client.pages<RemovalCandidate>(removalCandidateResource, { namespace, limit: pageSize })) found.push(...readyOf(page, rule));
  return found.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/**
 * Writes the decision, on exactly what was read first: where the status.decisionId changes before it is written, nothing is decided, since the
 * person has seen something else.
 */
export async function decide(name: string, decision: Decision, flow: DecideFlow): Promise<Decided> {
  let seen: RemovalCandidate | undefined;
  for (let tried = 1; ; tried += 1) {
    const candidate = await flow.client.get<RemovalCandidate>(removalCandidateResource, { namespace: flow.namespace, name });
    if (candidate === undefined) return { candidate: name, problem: `there is no such RemovalCandidate in namespace ${flow.namespace}`, instead: undefined };
    const problem = findRefusal(candidate, decision.verdict) ?? findChange((seen ??= candidate), candidate, decision.verdict);
    const instead = candidate.spec.decision?.verdict;
    if (problem !== undefined) return { candidate: name, problem, instead };
    try {
      await write(candidate, confirming(decision, candidate), flow);
      return { candidate: name, problem: undefined, instead };
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      if (isWorthAnotherTry(error, tried)) continue;
      return { candidate: name, problem: toFailure(error).message, instead };
    }
  }
}

function isWorthAnotherTry({ failure }: OperatorError, tried: number): boolean {
  return failure.kind === 'Conflict' && tried < tries;
}

function findChange(seen: RemovalCandidate, now: RemovalCandidate, verdict: Verdict): string | undefined {
  return needsId(verdict) && seen.status?.decisionId !== now.status?.decisionId ? 'the candidate changed while you decided: read it again' : undefined;
}

function confirming(decision: Decision, { status }: RemovalCandidate): Decision {
  return needsId(decision.verdict) && status?.decisionId !== undefined ? { ...decision, confirms: status.decisionId } : decision;
}

async function write({ metadata }: RemovalCandidate, decision: Decision, { client, namespace }: DecideFlow): Promise<void> {
  const { resourceVersion } = metadata;
  await client.mergePatch(removalCandidateResource, { namespace, name: metadata.name }, { metadata: { resourceVersion }, spec: { decision } }, { fieldManager });
}
