import { compact } from '../../api/compact.ts';
import type { SubscriptionExclusion, SubscriptionExclusionStatus } from '../../api/subscription-exclusion.ts';
import { isInForce } from '../../licensing/position/read-objects.ts';
import { isTrue, summariseConditions, type ConditionPart } from '../conditions.ts';

/** Types of conditions that this controller owns. */
export const exclusionConditionTypes = ['Active', 'Ready', 'Reconciling', 'Stalled'];

/** Everything that decisions about a SubscriptionExclusion are made from. */
export interface ExclusionInput {
  readonly exclusion: SubscriptionExclusion;
  /** Names of the profiles of the namespace. */
  readonly profiles: readonly string[];
  /** Subscriptions that it keeps out, by profile, as the reconciliations since the start found. */
  readonly matched: ReadonlyMap<string, number>;
}

export interface ExclusionPlan {
  readonly status: Omit<SubscriptionExclusionStatus, 'conditions'>;
  readonly parts: readonly ConditionPart[];
  readonly requeueAfterMs: number | undefined;
}

/** Whether the exclusion has an effect now, and on how many (L26, C2): a pure function of what was read and now. */
export function decideExclusion({ exclusion, profiles, matched }: ExclusionInput, now: number): ExclusionPlan {
  const active = isInForce(exclusion, now);
  const counts = mergeCounts(exclusion, { profiles, matched, active });
  const part = active ? isTrue('Active', 'Active', matched.size >= profiles.length && matchesNobody(counts) ? nobody : activeText(exclusion)) : expired;
  return {
    status: {
      observedGeneration: exclusion.metadata.generation ?? 0,
      state: active ? 'Active' : 'Expired',
      ...compact({ matched: counts?.reduce((sum, each) => sum + each.matched, 0) }),
      ...(counts === undefined || counts.length === 0 ? {} : { profiles: counts }),
    },
    // What has expired is as it is meant to be: nothing has to be mended.
    parts: summariseConditions([part], [], { reason: part.reason, message: part.message }),
    requeueAfterMs: active ? timeLeft(exclusion, now) : undefined,
  };
}

/** Profiles that a status shows. */
const shownProfiles = 500;

/** Counts by profile: what was found since the start, over what the status keeps from before; undefined when nothing is known. */
function mergeCounts(
  exclusion: SubscriptionExclusion,
  { profiles, matched, active }: { profiles: readonly string[]; matched: ReadonlyMap<string, number>; active: boolean },
): { name: string; matched: number }[] | undefined {
  if (!active) return [];
  const kept = keptCounts(exclusion);
  const known = new Map([...(kept ?? []).map((each) => [each.name, each.matched] as const), ...matched]);
  if (known.size === 0 && kept === undefined) return undefined;
  const counts = [...known].map(([name, count]) => ({ name, matched: count }));
  return counts.filter(({ name, matched: count }) => count > 0 && profiles.includes(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, shownProfiles);
}

/** Counts that the status keeps; undefined when there are none, or when they are of a former spec, which was about somebody else. */
function keptCounts({ metadata, status }: SubscriptionExclusion): { name: string; matched: number }[] | undefined {
  const isSame = status?.observedGeneration === metadata.generation && status?.state === 'Active';
  return isSame && status.matched !== undefined ? (status.profiles ?? []) : undefined;
}

function timeLeft({ spec }: SubscriptionExclusion, now: number): number | undefined {
  const end = Date.parse(spec.until ?? '');
  return Number.isNaN(end) ? undefined : Math.max(1, end - now);
}

const expired: ConditionPart = { type: 'Active', status: 'False', reason: 'Expired', message: 'spec.until has passed: it has no effect any more. Set a later day, or delete it.' };

const nobody = 'It matches no subscription, so it has no effect: check the address, or the identifier and the type (kubectl get swmodel -o yaml).';

function matchesNobody(counts: readonly { matched: number }[] | undefined): boolean {
  return counts !== undefined && counts.every(({ matched }) => matched === 0);
}

function activeText({ spec }: SubscriptionExclusion): string {
  const what = spec.subscription === undefined ? `${spec.user?.kind === 'ServiceAccount' ? 'A service account' : 'A person'} is` : `The licence ${spec.subscription.identifier} is`;
  return `${what} kept out of cost and reclamation${spec.until === undefined ? '' : ' until spec.until'}.`;
}
