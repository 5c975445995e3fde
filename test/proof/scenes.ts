import type { IntegrationProfile } from '../../operator/api/integration-profile.ts';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import { candidateStates, type RemovalCandidateStatus } from '../../operator/api/removal-candidate-status.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { GuardFacts } from '../../operator/controllers/removal-candidate/guards.ts';
import type { CandidateScene, CandidateVerdict } from '../../operator/licensing/candidate/facts.ts';
import type { Judgement } from '../../operator/licensing/reclaim/facts.ts';
import { messageId } from '../../operator/notices/standing.ts';
import { aProfile } from '../support/builders.ts';
import { aCandidate, aReclamationRule } from '../support/rule-builders.ts';
import { confirmAsSeen } from './confirmations.ts';
import type { Dice } from './dice.ts';
import { dayMs, iso, subscriptionOf } from './subscriptions.ts';
import { person } from './company.ts';

export const now = Date.parse('2026-11-24T09:00:00Z');
const notify = { daysBeforeAutoReclaim: 5, approval: 'Approvers', channels: [{ name: 'mail', type: 'Email', secretRef: { name: 'slack' }, audiences: ['User', 'Approvers'] }] } as const;
const company = { licenses: [{ id: 'PLIC001', name: 'Business', description: '', validRoles: [], roleGroup: 'FullUser', seats: null }], teams: [] } as never;

/** Parsing a spec takes longer than deciding on it, so there are a few, which are changed. */
const rules = [aReclamationRule(), aReclamationRule({ spec: { notify: structuredClone(notify) as never } }), aReclamationRule({ spec: { mode: 'Enforce', notify: { ...structuredClone(notify), approval: 'None' } as never } })];
rules.forEach(confirmAsSeen);
const published = aProfile({ status: { state: 'Published' } });
const subscription = subscriptionOf(person('P1', { now, company, patch: { role: 'user', licenseId: 'PLIC001', name: 'Sam Rivera', email: 'sam.rivera@EXAMPLE.com' } }), company, { profileUid: published.metadata.uid ?? '', firstSeen: now - 300 * dayMs });

type Chance = readonly [number, object];

/** The object with each change at its probability. */
function maybe<T extends object>(dice: Dice, object: T, changes: readonly Chance[]): T {
  return Object.assign({}, object, ...changes.filter(([probability]) => dice.chance(probability)).map(([, change]) => change));
}

export function drawRuleObject(dice: Dice): ReclamationRule {
  const rule = dice.pick(rules);
  const spec = maybe(dice, rule.spec, [[0.05, { mode: 'Observe' }], [0.05, { mode: 'Propose' }], [0.05, { suspend: true }], [0.04, { action: 'Downgrade', downgradeTo: { role: 'read_only_user' } }], [0.03, { profileRef: { name: 'other' } }], [0.1, { limits: { ...rule.spec.limits, maxPerRun: 1 } }]]);
  const metadata = maybe(dice, rule.metadata, [[0.03, { deletionTimestamp: iso(now) }]]);
  const drawn = { ...rule, metadata, spec };
  if (dice.chance(0.05)) delete spec.confirmedRule;
  // Others were edited since they were confirmed.
  else if (dice.chance(0.8)) confirmAsSeen(drawn);
  return drawn;
}

export function drawProfileObject(dice: Dice): IntegrationProfile {
  const spec = maybe(dice, published.spec, [[0.06, { suspend: true }], [0.06, { reclaimSubscriptions: false }], [0.05, { publish: false }]]);
  const metadata = maybe(dice, published.metadata, [[0.03, { deletionTimestamp: iso(now) }]]);
  return { ...published, metadata, spec, status: maybe(dice, { state: 'Published', subscriptions: { total: dice.pick([15, 500, 500, 5000]) } }, [[0.05, { state: 'Draft' }]]) as never };
}

function drawJudgement(dice: Dice): Judgement {
  const evidence = { thresholdDays: 60, windowFrom: iso(now - 100 * dayMs), windowTo: iso(now) };
  if (dice.chance(0.75)) return { kind: 'Candidate', justification: 'LowUsage', evidence };
  return dice.pick<Judgement>([{ kind: 'Active' }, { kind: 'NotCovered' }, { kind: 'Recent', until: now + dayMs }, { kind: 'Unknown', why: 'NoEvidence' }, { kind: 'Protected', guard: 'Exclusion', by: 'somebody' }, { kind: 'Protected', guard: 'Owner', by: 'the owner' }]);
}

export function drawVerdict(dice: Dice): CandidateVerdict {
  const until = dice.chance(0.06) ? now + dayMs : undefined;
  return {
    hold: dice.chance(0.08) ? { reason: 'DataStale', message: 'old', needsPerson: dice.chance(0.5) } : undefined,
    judgement: drawJudgement(dice),
    address: dice.chance(0.9) ? 'sam@example.com' : undefined,
    frozenAt: (at) => (until !== undefined && at < until ? { until, reason: 'release' } : undefined),
    plan: dice.pick(['Any', 'Any', 'Confirmed', 'Confirmed', 'Changed']),
    ownership: dice.chance(0.06) ? [{ managedBy: 'Terraform', reference: 'pagerduty_user.sam' }] : [],
    covered: dice.pick([0, 10, 200, 1000]),
  };
}

/** Times around now, and around each other. */
function drawTime(dice: Dice): string {
  return iso(now + dice.pick([-40 * dayMs, -6 * dayMs, -5 * dayMs, -3 * dayMs, -600_000, -181_000, -180_000, -60_000, -1000, 0, 1000]));
}

function drawStatus(dice: Dice, uid: string): RemovalCandidateStatus {
  const round = dice.pick([1, 2]);
  const phase = dice.pick(['Claimed', 'Unclear', 'Refused', 'Done'] as const);
  const attempt = maybe(dice, { id: 'a', number: dice.pick([1, 3, 10]), phase, holder: 'x', startedAt: drawTime(dice) }, [[phase === 'Claimed' ? 0 : 0.7, { endedAt: drawTime(dice) }]]);
  const message = { id: messageId({ uid, kind: 'Notice', audience: 'User', channel: 'mail', round }), kind: 'Notice', audience: 'User', channel: 'mail', state: dice.pick(['Sent', 'Sent', 'Sending', 'Failed'] as const), time: drawTime(dice), attempts: dice.pick([1, 5]) } as const;
  const state = dice.chance(0.45) ? 'AwaitingRevocation' : dice.pick(candidateStates);
  const reason = dice.pick(['Found', 'Blocked', 'UserUnresolved', 'NoticeNotServed', 'OutcomeUnclear', 'Reclaimed', 'Kept']);
  return maybe<RemovalCandidateStatus>(dice, { openedAt: iso(now - 10 * dayMs), round }, [
    [0.98, { state, reason }],
    [0.3, { attempt, attempts: attempt.number }],
    [0.5, { decidedAt: drawTime(dice) }],
    [0.25, { answer: { verdict: dice.pick(['Keep', 'Release']), at: drawTime(dice), via: 'Link', round: dice.chance(0.8) ? round : 3 - round } }],
    [0.1, { askedAddress: dice.pick(['sam@example.com', 'former@example.com']) }],
    [0.6, { messages: [message] }],
    [0.6, { deadline: drawTime(dice) }],
    [0.5, { inspectedAt: drawTime(dice), ...(dice.chance(0.2) ? { blockerCount: 1 } : {}) }],
    [0.3, { closedAt: drawTime(dice) }],
    [0.2, { undo: { secret: dice.pick(['s', '']), savedAt: drawTime(dice), expiresAt: drawTime(dice) } }],
  ]);
}

export function drawCandidate(dice: Dice): RemovalCandidate {
  const uid = 'uid-pagerduty-p1.1';
  const decision = { verdict: dice.pick(['Reclaim', 'Reclaim', 'Reclaim', 'ResumeReclaim', 'Keep', 'CloseSkipped'] as const), by: 'maria', reason: 'unused', confirms: dice.pick(approvals), ...(dice.chance(0.7) ? { at: drawTime(dice) } : {}) };
  const base = aCandidate({ status: drawStatus(dice, uid) });
  const metadata = maybe(dice, { ...base.metadata, creationTimestamp: iso(now - 10 * dayMs) }, [[0.03, { deletionTimestamp: iso(now) }]]);
  const spec = maybe(dice, base.spec, [[0.7, { decision }], [0.05, { justification: 'RestrictedSoftware' }]]);
  return { ...base, metadata, spec };
}

export function drawScene(dice: Dice): CandidateScene {
  const rule = dice.chance(0.96) ? drawRuleObject(dice) : undefined;
  const profile = dice.chance(0.97) ? drawProfileObject(dice) : undefined;
  const found = dice.chance(0.96) && profile !== undefined ? drawSubscription(dice) : undefined;
  const isWhole = rule !== undefined && found !== undefined;
  return { candidate: drawCandidate(dice), rule, profile, subscription: found, verdict: isWhole ? drawVerdict(dice) : undefined, ...drawApproval(dice) };
}

/** What a decision has to confirm, and may not. */
const approvals = ['a', 'a', 'a', 'b'].map((digit) => digit.repeat(40));

function drawApproval(dice: Dice): Pick<CandidateScene, 'person' | 'decisionId' | 'isClockTrusted'> {
  return { person: undefined, decisionId: dice.chance(0.96) ? approvals[0] : undefined, isClockTrusted: dice.chance(0.97) };
}

function drawSubscription(dice: Dice): typeof subscription {
  const spec = maybe(dice, subscription.spec, [[0.04, { role: 'observer' }], [0.02, { subscriptionIdentifier: 'POTHER1' }], [0.03, { userPrincipalName: 'alex.next@example.com', displayName: 'Alex Next' }]]);
  return { ...subscription, metadata: maybe(dice, subscription.metadata, [[0.02, { deletionTimestamp: iso(now) }]]), spec };
}

export function drawGuardFacts(dice: Dice): GuardFacts {
  const scene = { candidate: drawCandidate(dice), rule: drawRuleObject(dice), profile: drawProfileObject(dice), subscription: drawSubscription(dice), verdict: drawVerdict(dice), ...drawApproval(dice) };
  const started = Array.from({ length: dice.pick([0, 0, 1, 9, 10]) }, () => now - dice.between(0, 30) * 3_600_000);
  const holder = 'one team-a/pagerduty-p1.1';
  const turn = { holder: dice.pick([holder, holder, holder, 'two team-a/pagerduty-p1.1', 'one team-a/pagerduty-p2.1']), endsAt: now + dice.pick([300_000, 300_000, 61_000, 59_000, -1]) };
  const startedOfProfile = [...started, ...Array.from({ length: dice.pick([0, 0, 1, 40, 49, 50]) }, () => now - dice.between(0, 30) * 3_600_000)];
  const accountReclaims = dice.chance(0.2) ? undefined : { started: Array.from({ length: dice.pick([0, 2, 3]) }, () => now - dice.between(0, 30) * 3_600_000), maxPerDay: dice.pick([3, 100]) };
  return { scene, started, startedOfProfile, accountReclaims, recentAdmins: 0, turn: dice.chance(0.9) ? turn : undefined, holder, now };
}
