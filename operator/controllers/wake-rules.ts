import { isClosed } from '../licensing/candidate/transitions.ts';
import { keyOf } from '../kubernetes/object-key.ts';
import type { IntegrationProfile } from '../api/integration-profile.ts';
import type { ReclamationRule } from '../api/reclamation-rule.ts';
import type { RemovalCandidate } from '../api/removal-candidate.ts';
import type { SoftwareModel } from '../api/software-model.ts';
import { indexes, type Stores } from './dependencies.ts';
import { objectName } from './object-key.ts';
import { isChangeOfIntent, isRefreshChange, type Change } from './predicates.ts';
import { profileOf } from './profile-of.ts';
import type { Queues } from './queues.ts';

/** Changes come in swarms, of a refresh or of GitOps: rules look once for all of them. */
const gatherMs = 500;

/** Which change of which object makes which rule and candidate look again (design section 3, Evaluate and Reclaim). */
export function connectRuleQueues(stores: Stores, queues: Queues): void {
  const rulesOf = (profileKey: string): void => {
    for (const rule of stores.rules.byIndex(indexes.byProfileName, profileKey)) queues.rules.addAfter(keyOf(rule.metadata), gatherMs);
  };
  const candidatesOf = (profileKey: string): void => wakeOpen(stores.candidates.byIndex(indexes.byProfileName, profileKey), queues);
  stores.rules.subscribe((change) => {
    const isIntent = isChangeOfIntent(change);
    // What a rule says of its evaluation holds its candidates, or lets them go on.
    if (!isIntent && outcomeOf(change.old) === outcomeOf(change.new)) return;
    if (isIntent) queues.rules.add(change.key);
    wakeOpen(stores.candidates.byIndex(indexes.byRule, change.key), queues);
  });
  stores.profiles.subscribe((change) => {
    if (!isChangeOfIntent(change) && !isRefreshChange(change) && !isStateChange(change)) return;
    rulesOf(change.key);
    candidatesOf(change.key);
  });
  stores.jobs.subscribe(({ old, new: now }) => {
    if (old?.state !== 'Active' || now?.state === 'Active') return;
    for (const value of profileOf(old)) for (const profile of stores.profiles.byIndex(indexes.byProfile, value)) rulesOf(keyOf(profile.metadata));
  });
  stores.models.subscribe((change) => {
    const model = change.new ?? change.old;
    if (model !== undefined && (isChangeOfIntent(change) || isPriceChange(change))) rulesOf(`${objectName(change.key).namespace}/${model.spec.profileRef.name}`);
  });
  stores.exclusions.subscribe((change) => {
    if (!isChangeOfIntent(change)) return;
    for (const profile of stores.profiles.list(objectName(change.key).namespace)) {
      rulesOf(keyOf(profile.metadata));
      candidatesOf(keyOf(profile.metadata));
    }
  });
  stores.candidates.subscribe((change) => {
    if (isChangeOfIntent(change) || isAnswer(change) || isOfAnotherObject(change)) queues.candidates.add(change.key);
    const rule = (change.new ?? change.old)?.spec.subject.ruleRef.name;
    if (rule !== undefined && isTurn(change)) queues.rules.addAfter(`${objectName(change.key).namespace}/${rule}`, gatherMs);
  });
}

function outcomeOf(rule: ReclamationRule | undefined): string {
  return JSON.stringify([rule?.status?.observedGeneration, rule?.status?.held?.reason, rule?.status?.evaluation?.covered]);
}

/** Closed ones look again on their own, when their time to be deleted comes. */
function wakeOpen(candidates: readonly RemovalCandidate[], queues: Queues): void {
  for (const { metadata, status } of candidates) if (!isClosed(status?.state)) queues.candidates.addAfter(keyOf(metadata), gatherMs);
}

function isStateChange({ old, new: now }: Change<IntegrationProfile>): boolean {
  return old?.status?.state !== now?.status?.state;
}

function isPriceChange({ old, new: now }: Change<SoftwareModel>): boolean {
  const pricesOf = (model: SoftwareModel | undefined): string => JSON.stringify(model?.status?.position?.money?.map(({ currency, averageUnitCost }) => [currency, averageUnitCost]));
  return pricesOf(old) !== pricesOf(now);
}

/** Somebody has put a status there that is not this object's, or taken its own away, as a restore from a backup does. */
function isOfAnotherObject({ new: now }: Change<RemovalCandidate>): boolean {
  return now !== undefined && now.status?.uid !== now.metadata.uid;
}

/** A person has answered to the notice, on whichever replica. */
function isAnswer({ old, new: now }: Change<RemovalCandidate>): boolean {
  return old?.status?.answer?.at !== now?.status?.answer?.at;
}

/** What the rule counts has changed. */
function isTurn({ old, new: now }: Change<RemovalCandidate>): boolean {
  return old === undefined || now === undefined || countedOf(old) !== countedOf(now);
}

function countedOf({ status = {} }: RemovalCandidate): string {
  return JSON.stringify([status.state, status.attempt?.startedAt, status.undo?.restoredAt, status.potentialSavings]);
}
