import type { Condition } from '../../api/meta.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { canonicalJson } from '../../kubernetes/json-compare.ts';
import { fieldManager } from '../connection-alias/apply.ts';
import type { ConditionPart } from '../conditions.ts';
import { stampConditions } from '../stamp.ts';
import { ownPart, type OwnStatus, type Standing } from './plan.ts';

/** Types of conditions that this controller owns. */
export const candidateConditionTypes = ['Ready', 'Reclaiming', 'Reconciling', 'Stalled'];

interface Writing {
  readonly client: Pick<KubernetesClient, 'apply'>;
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Writes the own part of the status under the very version that was decided on: a decision, an answer or another process’s
 * claim that came in between makes it a Conflict, and nothing is written. That is what claims rest on (guard 4). Gives the
 * candidate as it is then; writes nothing where nothing differs.
 */
export async function writeOwn(candidate: RemovalCandidate, { own, standing }: { readonly own: OwnStatus; readonly standing: Standing }, { client, now, signal }: Writing): Promise<RemovalCandidate> {
  const { name, namespace, resourceVersion, generation } = candidate.metadata;
  const conditions = stampConditions(candidate.status?.conditions, conditionsOf(own, standing), { generation, now, ownedTypes: candidateConditionTypes });
  const status = { ...own, observedGeneration: generation ?? 0, conditions };
  const before = { ...ownPart(candidate.status), conditions: ownedConditions(candidate.status?.conditions) };
  if (canonicalJson(before) === canonicalJson(status)) return candidate;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  const intent = { apiVersion: removalCandidateResource.apiVersion, kind: removalCandidateResource.kind, metadata, status };
  return client.apply<RemovalCandidate>(removalCandidateResource, intent, { fieldManager, force: true, subresource: 'status', signal });
}

function ownedConditions(conditions: readonly Condition[] | undefined): Condition[] {
  return (conditions ?? []).filter(({ type }) => candidateConditionTypes.includes(type)).toSorted((a, b) => (a.type < b.type ? -1 : 1));
}

/** S50, S79: Reclaiming says whether it is being reclaimed, and why not; Ready, Reconciling and Stalled are kstatus. */
export function conditionsOf(own: OwnStatus, { kind, reason, message }: Standing): ConditionPart[] {
  const isReclaiming = own.state === 'AwaitingRevocation' && underWay.has(reason);
  const reclaiming: ConditionPart = { type: 'Reclaiming', status: isReclaiming ? 'True' : 'False', reason, message };
  const isWell = kind === 'Fine';
  const ready: ConditionPart = { type: 'Ready', status: isWell ? 'True' : 'False', reason, message };
  if (isWell) return [ready, reclaiming];
  return [ready, reclaiming, { type: kind === 'NeedsPerson' ? 'Stalled' : 'Reconciling', status: 'True', reason, message }];
}

const underWay: ReadonlySet<string> = new Set(['Reclaiming', 'AttemptUnderWay', 'ReadingBack', 'OutcomeUnclear']);
