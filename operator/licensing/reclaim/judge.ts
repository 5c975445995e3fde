import type { UseClass } from '../../api/license-position.ts';
import { classifyUse } from '../position/use.ts';
import { createExclusionMatcher } from '../position/exclusions.ts';
import { countActivity, withCountedActivity } from './activity.ts';
import { explain } from './evidence.ts';
import type { JudgeContext, Judgement, ReclaimSeat } from './facts.ts';
import { findGuard } from './guards.ts';
import { matchSelector } from './match.ts';
import type { Finding, JudgeInput, JudgeScene } from './scene.ts';
import { isThreshold, thresholdFor } from './threshold.ts';

export type { JudgeInput } from './scene.ts';

const dayMs = 86_400_000;
/** Of a seat whose date nobody knows the end of its grace is not known either: it is looked at again. */
const lookAgainMs = dayMs;

/** Judges seats one by one; `adminsTaken` = admins who are candidates already, of those that minAdmins lets go. */
export type Judge = (seat: ReclaimSeat, adminsTaken?: number) => Judgement;

/** A judge for many seats: what the context says is looked up, however many exclusions there are. */
export function createJudge(context: JudgeInput): Judge {
  const excludedBy = createExclusionMatcher(context.exclusions, context.profileType);
  return (seat, adminsTaken = 0) => judge(seat, { context, excludedBy, adminsTaken });
}

/**
 * The verdict on one subscription, by the first of these that holds:
 * 1. the rule is not for it: NotCovered;
 * 2. the person has left (C19): inactive at once, whatever the activity;
 * 3. activity within the threshold, as of the end of the evidence: Active. What was seen counts, however little is watched;
 * 4. an invitation that was not accepted in pendingInvitationGraceDays (C17): inactive; a newer one, or of no known date: Recent;
 * 5. assigned, or where the date is hidden first seen, within newSeatGraceDays, active or not: Recent (C1). So is whoever the position calls New;
 * 6. what the evidence does not reach: Unknown (T2, T3, guard 6). So is one who was never active where includeNeverActive is false (L16);
 * 7. inactive. Then the guards are asked, and what none of them keeps out is a candidate.
 */
export function judgeSeat(seat: ReclaimSeat, context: JudgeInput): Judgement {
  return createJudge(context)(seat);
}

function judge(seat: ReclaimSeat, scene: JudgeScene): Judgement {
  if (!isCovered(seat, scene.context)) return { kind: 'NotCovered' };
  const found = isLeaver(seat, scene.context) ? findLeaver(seat, scene.context) : judgeUse(seat, scene.context);
  if ('kind' in found) return found;
  const kept = findGuard(seat, scene, found);
  if (kept !== undefined) return { kind: 'Protected', ...kept };
  return { kind: 'Candidate', justification: found.justification, evidence: explain(seat, scene.context, found) };
}

/** Who may be in a team that is not shown is not covered by a rule for that team; nor is who has the target of the downgrade. */
function isCovered(seat: ReclaimSeat, { rule }: JudgeContext): boolean {
  const { licenseRoleGroups, appliesTo, downgradeTo } = rule.spec;
  if (rule.identifiers !== undefined && !rule.identifiers.has(seat.identifier)) return false;
  if (!licenseRoleGroups.some((group) => group === seat.roleGroup)) return false;
  if (downgradeTo !== undefined && downgradeTo.role === seat.role && (downgradeTo.subscriptionIdentifier ?? seat.identifier) === seat.identifier) return false;
  return appliesTo === undefined || matchSelector(seat, appliesTo) === 'Yes';
}

function isLeaver({ person, aliases }: ReclaimSeat, { leavers }: JudgeContext): boolean {
  return leavers.size > 0 && [person, ...aliases].some((address) => leavers.has(address.toLowerCase()));
}

function findLeaver(seat: ReclaimSeat, { rule, watches }: JudgeContext): Finding {
  return { justification: 'Leaver', thresholdDays: 0, watch: watches.get(seat.roleGroup), last: countActivity(seat, rule).last };
}

function judgeUse(seat: ReclaimSeat, context: JudgeContext): Judgement | Finding {
  const { rule, now, watches } = context;
  const thresholdDays = thresholdFor(seat, rule.spec);
  if (!isThreshold(thresholdDays)) return { kind: 'Unknown', why: 'InsufficientHistory' };
  const watch = watches.get(seat.roleGroup);
  const counted = countActivity(seat, rule);
  const use = classifyUse({ ...withCountedActivity(seat, counted), pending: false }, { watch, thresholdDays, now });
  if (use === 'Active') return { kind: 'Active' };
  const graceDays = seat.pending ? rule.spec.pendingInvitationGraceDays : rule.spec.newSeatGraceDays;
  const until = endOfGrace(seat, graceDays, now);
  if (until > now) return { kind: 'Recent', until };
  const finding = { thresholdDays, watch, last: counted.last };
  if (seat.pending) return { ...finding, justification: 'NeverAccepted', thresholdDays: graceDays };
  return judgeInactive(seat, use, { ...finding, justification: rule.spec.justification }, context);
}

/** One whose date is not known at all never grows old enough (C1, L17). */
function endOfGrace({ assignedAt, firstSeen }: ReclaimSeat, graceDays: number, now: number): number {
  const since = assignedAt ?? firstSeen;
  return since === undefined ? now + Math.max(lookAgainMs, graceDays * dayMs) : since + graceDays * dayMs;
}

function judgeInactive(seat: ReclaimSeat, use: UseClass, finding: Finding, { now, rule }: JudgeContext): Judgement | Finding {
  if (use === 'Stale' || (use === 'NeverUsed' && rule.spec.includeNeverActive)) return finding;
  if (use === 'New') return { kind: 'Recent', until: endOfGrace(seat, finding.thresholdDays, now) + now - (finding.watch?.to ?? now) };
  return { kind: 'Unknown', why: whyUnknown(seat, finding) };
}

function whyUnknown({ evidenceFrom }: ReclaimSeat, { watch, thresholdDays }: Finding): 'NoSignalSees' | 'NoEvidence' | 'InsufficientHistory' {
  if (watch === undefined) return 'NoSignalSees';
  const since = watch.to - thresholdDays * dayMs;
  return watch.from > since || (evidenceFrom !== undefined && evidenceFrom > since) ? 'InsufficientHistory' : 'NoEvidence';
}
