import { comparableAddress } from '../../api/address.ts';
import { compact } from '../../api/compact.ts';
import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import { sha256 } from '../../api/sha256.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { ReclaimSeat } from '../../licensing/reclaim/facts.ts';
import { reviewId } from '../../licensing/reclaim/review.ts';
import { hideAddresses } from '../../licensing/text.ts';
import type { NamespaceObjects } from './cluster-reader.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { byName, byText, normalTime, toTime } from './snapshot-fields.ts';
import type { RecordedCandidate, RecordedRule, RecordedSeat } from './snapshot-schema.ts';

/** The rules of the profiles that are recorded. Ask after people have their pseudonyms: whoever left and has no subscription gets none. */
export function recordRules({ profiles, rules, leavers }: NamespaceObjects, pseudonyms: Pseudonyms): RecordedRule[] {
  const names = new Set(profiles.map(({ profile }) => profile.metadata.name));
  const kept = rules.filter(({ metadata, spec }) => metadata.deletionTimestamp === undefined && names.has(spec.profileRef.name));
  return kept.map((rule) => recordRule(rule, leavers.get(rule.metadata.name), pseudonyms)).toSorted(byName);
}

function recordRule({ metadata, spec, status }: ReclamationRule, leavers: ReadonlySet<string> | undefined, pseudonyms: Pseudonyms): RecordedRule {
  // Whom it tells, by what and in what words is no matter of a plan.
  const { notify: _notify, ...rest } = spec;
  const known = [...(leavers ?? [])].flatMap((address) => pseudonyms.known(address) ?? []);
  return {
    name: metadata.name,
    profile: spec.profileRef.name,
    // A spec is JSON: it came from the API server.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    spec: JSON.parse(JSON.stringify(rest)) as RecordedRule['spec'],
    reviewId: reviewId({ name: metadata.name, spec }, sha256),
    ...compact({ planHash: status?.plan?.hash, leavers: leavers === undefined ? undefined : known.toSorted(byText) }),
  };
}

/** What rules judge a subscription by, beside what the position is made from. */
export function recordSubject(seat: ReclaimSeat, pseudonyms: Pseudonyms): NonNullable<RecordedSeat['subject']> {
  const { name, externalUserId, userPrincipalName, jobTitle, role, teams, evidence } = seat;
  const isHidden = [role, ...teams].some((text) => hideAddresses(text) !== text);
  return {
    subscription: name,
    externalUserId,
    ...compact({ jobTitle, userPrincipalName: userPrincipalName === undefined ? undefined : pseudonyms.of(userPrincipalName), evidence: evidence.length === 0 ? undefined : evidence.map(({ signal, at }) => ({ signal, at: toTime(at) })) }),
    ...(isHidden ? { role, teams: [...teams] } : {}),
  };
}

/** What rules ask of a candidate. */
export function recordJudging({ spec, status }: RemovalCandidate, pseudonyms: Pseudonyms): Pick<RecordedCandidate, 'rule' | 'subscription' | 'externalUserId' | 'userPrincipalName' | 'reason' | 'attemptAt' | 'restoredAt' | 'blockers'> {
  const { blockers = [], undo } = status ?? {};
  const address = comparableAddress(spec.subject.userPrincipalName);
  return {
    rule: spec.subject.ruleRef.name,
    subscription: spec.subject.subscriptionRef.name,
    externalUserId: spec.subject.externalUserId,
    ...compact({
      userPrincipalName: address === '' ? undefined : pseudonyms.of(address),
      reason: status?.reason,
      attemptAt: normalTime(status?.attempt?.startedAt),
      restoredAt: normalTime(undo?.restoredAt),
      blockers: blockers.length === 0 ? undefined : blockers.map(({ kind, name, detail }) => ({ kind, name, ...compact({ detail }) })),
    }),
  };
}
