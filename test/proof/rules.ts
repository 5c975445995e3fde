import type { ReclamationRuleSpec } from '../../operator/api/reclamation-rule.ts';
import type { CompanyState } from '../pagerduty-simulator/index.ts';
import { stakeholderLicense, stakeholderRole } from './company.ts';
import type { Dice } from './dice.ts';
import { dayMs, iso } from './subscriptions.ts';

/** Any rule that the API server would take, most of them so that something comes of them. */
export function drawRule(dice: Dice, company: CompanyState, now: number): Partial<ReclamationRuleSpec> {
  const action = dice.chance(0.6) ? 'Remove' : 'Downgrade';
  const isEnforced = dice.chance(0.25);
  const notify = isEnforced || dice.chance(0.25) ? drawNotify(dice) : undefined;
  const spec = {
    mode: isEnforced ? 'Enforce' : dice.chance(0.05) ? 'Observe' : 'Propose',
    action,
    ...(action === 'Downgrade' ? { downgradeTo: { role: stakeholderRole, subscriptionIdentifier: stakeholderLicense(company) } } : {}),
    ...(notify === undefined ? {} : { notify }),
    lastActivityThresholdDays: dice.pick([30, 60, 60, 90]),
    newSeatGraceDays: dice.pick([0, 10, 60]),
    pendingInvitationGraceDays: dice.pick([10, 30]),
    includeNeverActive: dice.chance(0.8),
    evaluationPeriodHours: dice.pick([1, 6, 24, 24, 72, 720]),
    limits: { maxPerRun: dice.pick([1, 2, 3, 5, 10]), maxPercent: dice.pick([10, 20, 30, 50, 100]), maxCandidateRatio: dice.pick([30, 60, 100, 100, 100]), minAdmins: dice.between(1, 4) },
    protect: drawProtection(dice, company),
    ...drawMore(dice, company, now),
  };
  return spec as Partial<ReclamationRuleSpec>;
}

function drawProtection(dice: Dice, company: CompanyState): object {
  const team = dice.maybePick(company.teams)?.name;
  return {
    ...(dice.chance(0.2) ? { roles: ['observer'] } : {}),
    ...(dice.chance(0.2) && team !== undefined ? { teams: [team] } : {}),
    ...(dice.chance(0.15) ? { jobTitles: ['Head'] } : {}),
    ...(dice.chance(0.2) ? { tags: [] } : {}),
  };
}

function drawMore(dice: Dice, company: CompanyState, now: number): object {
  const team = dice.maybePick(company.teams)?.name;
  const from = now + dice.between(-2, 3) * dayMs;
  return {
    ...(dice.chance(0.12) ? { freezeWindows: [{ from: iso(from), until: iso(from + dice.between(1, 3) * dayMs), reason: 'release' }] } : {}),
    ...(dice.chance(0.1) && team !== undefined ? { thresholdOverrides: [{ match: { teams: [team] }, lastActivityThresholdDays: 150 }] } : {}),
    ...(dice.chance(0.1) ? { condition: "subscription.role != 'observer'" } : {}),
    ...(dice.chance(0.1) ? { undoRetentionDays: 1, closedRetentionDays: 1 } : {}),
    ...(dice.chance(0.1) ? { justification: 'LowUsage', activitySignals: ['OnCall'] } : {}),
    ...(dice.chance(0.1) ? { leaversRef: { name: 'leavers', key: 'people' } } : {}),
  };
}

function drawNotify(dice: Dice): object {
  const type = dice.pick(['Email', 'Slack', 'Webhook']);
  return {
    daysBeforeAutoReclaim: dice.pick([1, 2, 5]),
    approval: dice.pick(['Approvers', 'None']),
    channels: [{ name: 'tell', type, secretRef: { name: 'slack' }, audiences: ['User', 'Approvers'] }],
    reminders: dice.chance(0.5) ? [] : undefined,
  };
}
