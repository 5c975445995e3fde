import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { RoleGroup, SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import type { SubscriptionExclusion } from '../../operator/api/subscription-exclusion.ts';
import { decideCandidate } from '../../operator/controllers/removal-candidate/decide.ts';
import { askGuards } from '../../operator/controllers/removal-candidate/guards.ts';
import { createEvaluation } from '../../operator/licensing/reclaim/evaluate.ts';
import type { Judgement, SignalWatch } from '../../operator/licensing/reclaim/facts.ts';
import type { JudgeInput } from '../../operator/licensing/reclaim/judge.ts';
import { readEvidence } from '../../operator/licensing/reclaim/read-context.ts';
import { toReclaimSeat } from '../../operator/licensing/reclaim/seat.ts';
import { aProfile } from '../support/builders.ts';
import { aReclamationRule } from '../support/rule-builders.ts';
import { drawCompany } from './company.ts';
import { createDice, type Dice } from './dice.ts';
import { judgeFacts, judgePlan } from './oracle/decisions.ts';
import { covers, isWatched, staleness, whyNot } from './oracle/use.ts';
import { drawRule } from './rules.ts';
import { drawGuardFacts, drawScene, now } from './scenes.ts';
import { dayMs, drawActivity, iso, subscriptionOf } from './subscriptions.ts';
import type { Objects } from './witness.ts';
import { refreshOf } from './world.ts';

const seed = Number(process.env['PROOF_SEED'] ?? 1);
const scale = Number(process.env['PROOF_RUNS'] ?? 300) / 300;
const counts = { judged: 0, candidates: 0, evaluations: 0, held: 0, planned: 0, reclaims: 0, asked: 0, allowed: 0 };

// oxlint-disable-next-line no-console -- with this it can be played again
afterAll(() => console.info(`proof: seed ${seed}: ${counts.judged + counts.planned + counts.asked} decisions: ${JSON.stringify(counts)}`));

/** Subscriptions of one company, each person several times over with another history. */
function drawSubscriptions(dice: Dice): SoftwareSubscription[] {
  const company = drawCompany(dice, now);
  const found = company.users.flatMap((person) =>
    Array.from({ length: 12 }, (_, index) => {
      const id = `${person.id}${String(index).padStart(2, '0')}`;
      const patch = { id, email: `${id.toLowerCase()}@example.com`, allocatedAt: now - dice.pick([1, 9, 10, 30, 59, 60, 400]) * dayMs, invitationSent: dice.chance(0.08) };
      const subscription = subscriptionOf({ ...person, ...patch }, company, { profileUid: 'uid', firstSeen: now - dice.pick([5, 300]) * dayMs });
      if (dice.chance(0.1)) delete subscription.spec.assignedAt;
      return { ...subscription, status: drawActivity(dice, now, 0.6) };
    }),
  );
  return found.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** A published profile whose evidence is mostly sound. */
function drawProfile(dice: Dice): ReturnType<typeof aProfile> {
  const signals = dice.pick([['OnCall'], ['OnCall', 'SignIn']]);
  const refresh = refreshOf(now - dice.between(0, 35) * 3_600_000, 'c1', signals);
  const { subscriptions, activity } = structuredClone(refresh);
  spoil(dice, { subscriptions, activity });
  return aProfile({ spec: { activitySignals: signals }, status: { state: 'Published', refresh: { subscriptions, activity } } });
}

type Runs = ReturnType<typeof refreshOf>;

/** Every kind of evidence that must not be judged by, or that reaches less far. */
function spoil(dice: Dice, { subscriptions, activity }: Runs): void {
  const of = dice.pick(['None', 'None', 'None', 'None', 'None', 'None', 'Run', 'Run', 'Signals', 'Signals'] as const);
  if (of === 'Run') Object.assign(dice.pick([subscriptions, activity]), dice.pick([{ result: 'Failed' }, { lastSuccessTime: iso(now - dice.between(37, 900) * 3_600_000) }, { connection: 'c2' }]));
  if (of !== 'Signals') return;
  const change = dice.pick([{ from: iso(now - dice.between(1, 100) * dayMs) }, { to: iso(now - dice.between(2, 20) * dayMs) }, { available: false }]);
  for (const signal of dice.some(activity.signals ?? [], 0.7)) Object.assign(signal, change);
}

function drawExclusions(dice: Dice, subscriptions: readonly SoftwareSubscription[]): SubscriptionExclusion[] {
  return dice.some(subscriptions, 0.03).map(({ spec, metadata }) => ({
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'SubscriptionExclusion',
    metadata: { name: `not-${metadata.name}` },
    spec: { reason: 'needed', user: { userPrincipalName: spec.userPrincipalName, kind: 'Person' as const }, until: iso(now + dice.pick([-1, 1, 50]) * dayMs) },
  }));
}

interface Judging {
  readonly rule: ReclamationRule;
  readonly objects: Objects;
  readonly leavers: ReadonlySet<string>;
  readonly watches: ReadonlyMap<RoleGroup, SignalWatch>;
}

function toContext({ rule, objects, leavers, watches }: Judging, admins: number): JudgeInput {
  const exclusions = objects.exclusions.filter(({ spec }) => !(Date.parse(spec.until ?? '') <= now)).map(({ metadata, spec }) => ({ name: metadata.name, person: spec.user?.userPrincipalName.toLowerCase() ?? '' }));
  const facts = { name: rule.metadata.name, spec: rule.spec, identifiers: undefined };
  return { now, rule: facts, profileType: 'PagerDuty', watches, exclusions, leavers, open: new Map(), kept: new Map(), ownerRole: 'owner', adminRoles: new Set(['owner', 'admin']), admins };
}

function createHasher() {
  const hash = createHash('sha256');
  return { update: (text: string) => void hash.update(text), digest: () => hash.digest('hex') };
}

/** Whether the verdict is the one that the oracle comes to. */
function agree(judgement: Judgement, why: string | undefined): boolean {
  const isFound = judgement.kind === 'Candidate' || (judgement.kind === 'Protected' && judgement.guard === 'LastAdmin');
  return isFound === (why === undefined);
}

describe('random rules over random subscriptions', () => {
  it('guards 2, 5, 6: the verdicts are those that the oracle comes to, one by one, and what is too much is held', () => {
    for (let run = 0; run < 1500 * scale; run += 1) {
      const dice = createDice(seed * 100_000 + run);
      const subscriptions = drawSubscriptions(dice);
      const profile = drawProfile(dice);
      const spec = drawRule(dice, drawCompany(createDice(1), now), now);
      const rule = aReclamationRule({ spec: spec.action === 'Remove' && dice.chance(0.3) ? { ...spec, licenseRoleGroups: ['FullUser', 'Stakeholder'] } : spec });
      const evidence = readEvidence({ profile, signals: [{ name: 'OnCall', sees: ['FullUser'] }, { name: 'SignIn', sees: ['FullUser', 'Stakeholder'] }], rule: { name: 'business', spec: rule.spec, identifiers: undefined }, refreshing: false, halfWritten: false }, now);
      const name = `PROOF_SEED=${seed}, run ${run}`;
      counts.evaluations += 1;
      if (evidence.hold !== undefined) {
        counts.held += 1;
        continue;
      }
      expect([staleness(profile, rule, now), isWatched(profile, rule)], name).toEqual([undefined, true]);
      const leavers = new Set(dice.some(subscriptions, 0.03).map(({ spec: { userPrincipalName } }) => userPrincipalName.toLowerCase()));
      const objects: Objects = { candidates: [], rules: [rule], profile, subscriptions, exclusions: drawExclusions(dice, subscriptions), secrets: [], isRefreshing: false };
      const admins = dice.between(0, 12);
      const evaluation = createEvaluation({ ...toContext({ rule, objects, leavers, watches: evidence.watches }, admins), profile: 'pagerduty', hasher: createHasher() });
      const candidates = subscriptions.filter((subscription) => {
        const judgement = evaluation.add(toReclaimSeat(subscription));
        const why = whyNot(subscription, rule, { objects, leavers, now });
        if (!agree(judgement, why)) expect.fail(`${name}: ${subscription.metadata.name} is ${JSON.stringify(judgement)}, and to the oracle ${why ?? 'a candidate'}: ${JSON.stringify([subscription, rule.spec])}`);
        return judgement.kind === 'Candidate';
      });
      counts.judged += subscriptions.length;
      counts.candidates += candidates.length;
      expect(candidates.filter(({ spec: { role } }) => role === 'admin').length, name).toBeLessThanOrEqual(Math.max(0, admins - rule.spec.limits.minAdmins));
      const covered = subscriptions.filter((one) => covers(rule, one)).length;
      expect(evaluation.finish().hold?.reason === 'BlastRadius', name).toBe(candidates.length * 100 > covered * rule.spec.limits.maxCandidateRatio);
    }
    expect(counts.candidates).toBeGreaterThan(10_000 * scale);
  }, 600_000);
});

describe('random candidates', () => {
  it('guards 1, 4, 5, 6: nothing is planned that the oracle forbids', () => {
    const failed = new Map<string, string>();
    for (let run = 0; run < 250_000 * scale; run += 1) {
      const scene = drawScene(createDice(seed * 1_000_000 + run));
      const plan = decideCandidate(scene, now);
      counts.planned += 1;
      if (plan.effect.kind === 'Reclaim') counts.reclaims += 1;
      for (const name of judgePlan(scene, plan, now)) if (!failed.has(name)) failed.set(name, `PROOF_SEED=${seed}, run ${run}: ${JSON.stringify([plan, scene])}`);
    }
    expect(Object.fromEntries(failed)).toEqual({});
    expect(counts.reclaims).toBeGreaterThan(500 * scale);
  }, 600_000);

  it('guards 1, 2, 4, 5, 6: the guards let nothing pass that the oracle forbids', () => {
    const failed = new Map<string, string>();
    for (let run = 0; run < 250_000 * scale; run += 1) {
      const facts = drawGuardFacts(createDice(seed * 1_000_000 + run));
      const isAllowed = askGuards(facts) === undefined;
      counts.asked += 1;
      if (!isAllowed) continue;
      counts.allowed += 1;
      for (const name of judgeFacts(facts)) if (!failed.has(name)) failed.set(name, `PROOF_SEED=${seed}, run ${run}: ${JSON.stringify(facts)}`);
    }
    expect(Object.fromEntries(failed)).toEqual({});
    expect(counts.allowed).toBeGreaterThan(300 * scale);
  }, 600_000);
});
