import { canonicalText } from '../hash.ts';
import type { ReclaimSeat, RuleFacts } from './facts.ts';

/** SHA-256 that is fed bit by bit; `digest` gives lower-case hexadecimal digits. */
export interface PlanHasher {
  update(text: string): void;
  digest(): string;
}

/** Raised when verdicts or the hash change their meaning: a plan that was approved before is another one then. */
const version = 2;

/** What is no part of a plan: who may carry it out and when, who is told, and how long things are kept. */
const apart = ['confirmedRule', 'confirmedPlan', 'mode', 'suspend', 'notify', 'assignmentGroup', 'undoRetentionDays', 'closedRetentionDays', 'evaluationPeriodHours', 'freezeWindows'] as const;

/** Begins the hash of a plan (D1): the profile, the rule and everything in it that decides who is in the plan, what is done and how fast. */
export function hashRule({ name, spec, identifiers }: RuleFacts, profile: string, hasher: PlanHasher): void {
  const decisive = Object.fromEntries(Object.entries(spec).filter(([key]) => !apart.some((one) => one === key)));
  const { licenseRoleGroups, activitySignals } = spec;
  const sets = { licenseRoleGroups: licenseRoleGroups.toSorted(), activitySignals: activitySignals?.toSorted() };
  hasher.update(`${canonicalText({ version, profile, rule: name, spec: { ...decisive, ...sets }, identifiers: identifiers === undefined ? null : [...identifiers].toSorted() })}\n`);
}

/** Adds a candidate, who is the person of the seat by now: addresses are in no hash, so that recorded data give the same one; they are added in the order of their names. */
export function hashCandidate({ name, externalUserId, personSince, identifier, role }: ReclaimSeat, { spec }: RuleFacts, hasher: PlanHasher): void {
  hasher.update(`${canonicalText([name, externalUserId, personSince ?? null, identifier, role, spec.action, spec.downgradeTo ?? null])}\n`);
}

/** The hash as status and spec.confirmedPlan hold it. */
export function endHash(hasher: PlanHasher): string {
  return `sha256:${hasher.digest()}`;
}
