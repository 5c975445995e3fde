import { isInForce } from '../../licensing/position/read-objects.ts';
import type { ExclusionFacts } from '../../licensing/position/facts.ts';
import { compact } from '../../api/compact.ts';
import { isClosed } from '../../licensing/candidate/transitions.ts';
import { personKey } from '../../licensing/candidate/same-person.ts';
import type { JudgeContext, RuleFacts } from '../../licensing/reclaim/facts.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { SubscriptionExclusion } from '../../api/subscription-exclusion.ts';
import type { Evidence, RuleScene } from './input.ts';

/** The rule, with the identifiers of the model that it is limited to. */
export function toRuleFacts({ rule, models }: Pick<RuleScene, 'rule' | 'models'>): RuleFacts {
  const reference = rule.spec.softwareModelRef?.name;
  const model = models.find(({ metadata, spec }) => metadata.name === reference && spec.profileRef.name === rule.spec.profileRef.name && metadata.deletionTimestamp === undefined);
  // A model that is not there, or of another profile, leaves nobody; readEvidence holds the rule then.
  const identifiers = reference === undefined ? undefined : new Set(model?.spec.subscriptionIdentifiers ?? []);
  return { name: rule.metadata.name, spec: rule.spec, identifiers };
}

/** All that verdicts depend on, but the number of admins, which only the subscriptions tell. */
export function buildContext(scene: RuleScene, evidence: Evidence, { now, admins }: { readonly now: number; readonly admins: number }): JudgeContext {
  const { rule, provider, profile } = scene;
  return {
    now,
    rule: toRuleFacts(scene),
    profileType: profile?.spec.type ?? '',
    watches: evidence.watches,
    exclusions: exclusionsInForce(scene.exclusions, now),
    leavers: scene.leavers ?? new Set(),
    open: openOfOthers(scene, rule.metadata.name),
    kept: keptSince(scene, rule.spec.keepCooldownDays, now),
    ownerRole: provider?.reclaim.ownerRole ?? '',
    adminRoles: new Set(provider?.reclaim.adminRoles),
    admins,
  };
}

function exclusionsInForce(exclusions: readonly SubscriptionExclusion[], now: number): ExclusionFacts[] {
  const inForce = exclusions.filter((one) => isInForce(one, now));
  return inForce
    .map(({ metadata, spec }) => ({ name: metadata.name, ...compact({ person: spec.user?.userPrincipalName.toLowerCase(), licence: spec.subscription }) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Open candidates by subscription, with their rule. Of others only: one of the own rule beside it must not hide it (C9). One about a
 * former person of the seat counts until it is closed: a seat has one open candidate.
 */
function openOfOthers({ candidates }: Pick<RuleScene, 'candidates'>, own: string): Map<string, string> {
  const open = candidates.filter(({ spec, status }) => spec.subject.ruleRef.name !== own && !isClosed(status?.state));
  return new Map(open.map(({ spec }) => [spec.subject.subscriptionRef.name, spec.subject.ruleRef.name]));
}

const dayMs = 86_400_000;

/**
 * When each person was last decided to be kept, as far as the cool-down reaches back (C9), whichever rule proposed it. Whoever gives
 * back what was reclaimed wants it kept, too (C29): under another id the person has the same address (T10).
 */
function keptSince({ candidates }: RuleScene, days: number, now: number): Map<string, number> {
  const kept = new Map<string, number>();
  for (const { spec, status } of candidates) {
    const at = Date.parse((isKept(status) ? status?.closedAt : status?.undo?.restoredAt) ?? '');
    if (!(at > now - days * dayMs)) continue;
    const key = personKey(spec.subject);
    kept.set(key, Math.max(kept.get(key) ?? 0, at));
  }
  return kept;
}

function isKept(status: RemovalCandidate['status']): boolean {
  return status?.state === 'ClosedSkipped' && status.reason === 'Kept';
}
