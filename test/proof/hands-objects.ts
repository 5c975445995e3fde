import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { reclamationRuleResource, type ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { subscriptionExclusionResource } from '../../operator/api/subscription-exclusion.ts';
import { stateText, userInstance, userResource } from '../support/ownership-fixtures.ts';
import { stakeholderLicense, stakeholderRole } from './company.ts';
import { confirmAsSeen } from './confirmations.ts';
import type { Hand } from './hands.ts';
import { dayMs, iso, namespace, recorded } from './subscriptions.ts';
import { putSecret, type World } from './world.ts';

type Change<T> = (object: T, world: World) => void;

/** What administrators do to rules, profiles and exclusions, and take back again. */
export const reclaimHands = [
  { name: 'suspendRule', weight: 0.4, of: 'Objects', act: rule(({ spec }) => void (spec.suspend = true)) },
  { name: 'unconfirm', weight: 0.4, of: 'Objects', act: rule(({ spec }) => {
    spec.mode = 'Propose';
    delete spec.confirmedRule;
  }) },
  { name: 'edit', weight: 0.3, of: 'Objects', act: rule(({ spec }) => void (spec.undoRetentionDays += 1)) },
  { name: 'confirmRule', weight: 0.3, of: 'Objects', act: rule(confirmAsSeen) },
  { name: 'observe', weight: 0.3, of: 'Objects', act: rule(({ spec }) => void (spec.mode = 'Observe')) },
  { name: 'propose', weight: 0.3, of: 'Objects', act: rule(({ spec }) => void (spec.mode = 'Propose')) },
  { name: 'ask', weight: 0.3, of: 'Objects', act: rule(({ spec }) => void (spec.notify ??= structuredClone(notify))) },
  { name: 'retarget', weight: 0.2, of: 'Objects', act: rule(({ spec }) => void (spec.profileRef = { name: 'other' })) },
  { name: 'deleteRule', weight: 0.15, of: 'Objects', act: rule(({ metadata }) => void (metadata.deletionTimestamp = '2026-11-24T00:00:00Z')) },
  { name: 'otherAction', weight: 0.2, of: 'Objects', act: rule(changeAction) },
  { name: 'higherThreshold', weight: 0.3, of: 'Objects', act: rule(({ spec }) => void (spec.lastActivityThresholdDays = 199)) },
  { name: 'lowerThreshold', weight: 0.3, of: 'Objects', act: rule(({ spec }, { dice }) => void (spec.lastActivityThresholdDays = dice.pick([1, 7, 30]))) },
  { name: 'enforce', weight: 0.2, of: 'Objects', act: rule(({ spec }) => void Object.assign(spec, { mode: 'Enforce', notify: spec.notify ?? structuredClone(notify) })) },
  { name: 'longerGrace', weight: 0.2, of: 'Objects', act: rule(({ spec }) => void (spec.newSeatGraceDays = 500)) },
  { name: 'protectRole', weight: 0.4, of: 'Objects', act: rule((one, { dice }) => void (one.spec.protect.roles = [dice.pick(['observer', 'user', 'limited_user'])])) },
  { name: 'protectTitle', weight: 0.2, of: 'Objects', act: rule(({ spec }) => void (spec.protect.jobTitles = ['Engineer'])) },
  { name: 'protectTeam', weight: 0.2, of: 'Objects', act: rule(protectTeam) },
  { name: 'condition', weight: 0.15, of: 'Objects', act: rule(({ spec }) => void (spec.condition = "subscription.role == 'observer'")) },
  { name: 'freeze', weight: 0.4, of: 'Objects', act: rule(({ spec }, { clock }) => void (spec.freezeWindows = [{ from: iso(clock.now() - dayMs), until: iso(clock.now() + 2 * dayMs), reason: 'holidays' }])) },
  { name: 'confirmPlan', weight: 0.2, of: 'Objects', act: rule(confirmPlan) },
  { name: 'lowerLimits', weight: 0.3, of: 'Objects', act: rule(({ spec }) => void (spec.limits = { ...spec.limits, maxPerRun: 1, maxPercent: 10, minAdmins: 6 })) },
  { name: 'lowerRatio', weight: 0.1, of: 'Objects', act: rule(({ spec }) => void (spec.limits.maxCandidateRatio = 1)) },
  { name: 'suspendProfile', weight: 0.3, of: 'Objects', act: profile(({ spec }) => void (spec.suspend = true)) },
  { name: 'disableReclaim', weight: 0.4, of: 'Objects', act: profile(({ spec }) => void (spec.reclaimSubscriptions = false)) },
  { name: 'draft', weight: 0.3, of: 'Objects', act: profile((one) => void (one.status = { ...one.status, state: 'Draft' })) },
  { name: 'unpublish', weight: 0.3, of: 'Objects', act: profile(({ spec }) => void (spec.publish = false)) },
  { name: 'deleteProfile', weight: 0.05, of: 'Objects', act: profile(({ metadata }) => void (metadata.deletionTimestamp = '2026-11-24T00:00:00Z')) },
  { name: 'provisioned', weight: 0.15, of: 'Objects', act: profile(({ spec }) => void (spec.ownership = { crossplane: true, ...spec.ownership, identityProvider: 'Everybody' })) },
  { name: 'claimByTerraform', weight: 0.3, of: 'Objects', act: claimByTerraform },
  { name: 'excludePerson', weight: 0.6, of: 'Objects', act: excludePerson },
  { name: 'excludeLicence', weight: 0.1, of: 'Objects', act: excludeLicence },
  { name: 'includeAgain', weight: 0.5, of: 'Objects', act: ({ cluster, dice }) => {
    const one = dice.maybePick(cluster.list(subscriptionExclusionResource));
    if (one !== undefined) cluster.remove(subscriptionExclusionResource, { namespace, name: one.metadata.name });
  } },
  { name: 'becomeActive', weight: 0.5, of: 'Objects', act: becomeActive },
  { name: 'forgetEvidence', weight: 0.2, of: 'Objects', act: subscription((one) => void (one.status = { activity: 'Unknown' })) },
  { name: 'otherRole', weight: 0.2, of: 'Objects', act: subscription(({ spec }) => void (spec.role = 'observer_of_all')) },
  { name: 'deleteSubscription', weight: 0.1, of: 'Objects', act: subscription(({ metadata }) => void (metadata.deletionTimestamp = '2026-11-24T00:00:00Z')) },
] as const satisfies readonly Hand[];

const notify: NonNullable<ReclamationRule['spec']['notify']> = { daysBeforeAutoReclaim: 2, approval: 'Approvers', channels: [{ name: 'tell', type: 'Email', secretRef: { name: 'slack' }, audiences: ['User'] }] };

function rule(change: Change<ReclamationRule>): Hand['act'] {
  return (world) => {
    const name = world.dice.pick(world.ruleNames);
    if (!world.originals.has(name)) world.originals.set(name, world.cluster.get(reclamationRuleResource, { namespace, name }));
    world.cluster.change<ReclamationRule>(reclamationRuleResource, { namespace, name }, (one) => {
      const { confirmedRule } = one.spec;
      change(one, world);
      // Most who edit a confirmed rule have it confirmed anew; the others leave it as another one than was confirmed.
      if (confirmedRule !== undefined && one.spec.confirmedRule === confirmedRule && world.dice.chance(0.7)) confirmAsSeen(one);
      one.metadata.generation = (one.metadata.generation ?? 1) + 1;
    });
  };
}

function profile(change: Change<IntegrationProfile>): Hand['act'] {
  return (world) => {
    const key = { namespace, name: 'pagerduty' };
    if (!world.originals.has('profile')) world.originals.set('profile', world.cluster.get(integrationProfileResource, key));
    world.cluster.change<IntegrationProfile>(integrationProfileResource, key, (one) => change(one, world));
  };
}

/** Rules and profile as they were at the beginning. */
export function mend({ cluster, originals }: World): void {
  for (const [name, original] of originals) {
    if (name === 'profile') {
      const { spec } = original as IntegrationProfile;
      cluster.change<IntegrationProfile>(integrationProfileResource, { namespace, name: 'pagerduty' }, (one) => {
        Object.assign(one, { spec: structuredClone(spec), status: { ...one.status, state: 'Published' } });
        delete one.metadata.deletionTimestamp;
      });
    } else {
      const { spec } = original as ReclamationRule;
      cluster.change<ReclamationRule>(reclamationRuleResource, { namespace, name }, (one) => {
        Object.assign(one, { spec: structuredClone(spec) });
        one.metadata.generation = (one.metadata.generation ?? 1) + 1;
        delete one.metadata.deletionTimestamp;
      });
    }
  }
  originals.clear();
}

function changeAction({ spec }: ReclamationRule, { simulator }: World): void {
  const isRemove = spec.action === 'Remove';
  spec.action = isRemove ? 'Downgrade' : 'Remove';
  if (isRemove) spec.downgradeTo = { role: stakeholderRole, subscriptionIdentifier: stakeholderLicense(simulator.state.company) };
  else delete spec.downgradeTo;
}

function protectTeam({ spec }: ReclamationRule, { dice, cluster }: World): void {
  const teams = cluster.list<SoftwareSubscription>(softwareSubscriptionResource).flatMap((one) => one.spec.teams ?? []);
  const team = dice.maybePick(teams);
  if (team !== undefined) spec.protect.teams = [team];
}

function confirmPlan({ spec, status }: ReclamationRule, { dice }: World): void {
  spec.confirmedPlan = dice.chance(0.4) && status?.plan !== undefined ? status.plan.hash : `sha256:${'0'.repeat(64)}`;
}

function claimByTerraform(world: World): void {
  const { simulator, dice, claimed } = world;
  for (const { id } of dice.some(simulator.state.company.users, 0.3)) claimed.add(id);
  const people = simulator.state.company.users.filter(({ id }) => claimed.has(id));
  const text = stateText([userResource(people.map(({ email, id }) => userInstance(email, id)))]);
  putSecret(world, 'terraform', { tfstate: Buffer.from(text).toString('base64') });
  const claim = profile(({ spec }) => void (spec.ownership = { crossplane: true, identityProvider: 'Nobody', ...spec.ownership, terraformStates: [{ name: 'terraform', key: 'tfstate' }] }));
  void claim(world);
}

function excludePerson(world: World): void {
  const { cluster, dice, clock } = world;
  const someone = dice.maybePick(cluster.list<SoftwareSubscription>(softwareSubscriptionResource));
  if (someone === undefined) return;
  const userPrincipalName = dice.chance(0.5) ? someone.spec.userPrincipalName.toUpperCase() : someone.spec.userPrincipalName;
  const until = dice.chance(0.7) ? { until: iso(clock.now() + dice.between(1, 40) * dayMs) } : {};
  exclude(world, { user: { userPrincipalName, kind: 'Person' }, ...until });
}

function excludeLicence(world: World): void {
  const { dice, simulator } = world;
  exclude(world, { subscription: { type: 'PagerDuty', identifier: dice.pick(simulator.state.company.licenses).id } });
}

function exclude({ cluster, dice }: World, spec: object): void {
  const name = `exclusion-${dice.between(1, 1e6)}`;
  cluster.put(subscriptionExclusionResource, { apiVersion: 'saaslicense.dev/v1alpha1', kind: 'SubscriptionExclusion', metadata: { name, namespace }, spec: { reason: 'needed', ...spec } } as never);
}

function subscription(change: Change<SoftwareSubscription>): Hand['act'] {
  return (world) => {
    const someone = world.dice.maybePick(world.cluster.list<SoftwareSubscription>(softwareSubscriptionResource));
    if (someone !== undefined) world.cluster.change<SoftwareSubscription>(softwareSubscriptionResource, { namespace, name: someone.metadata.name }, (one) => change(one, world));
  };
}

/** Somebody comes back, and the next refresh of the activity says so. */
function becomeActive(world: World): void {
  const { clock } = world;
  void subscription((one) => void (one.status = recorded(clock.now(), one.status?.evidenceFrom, 'OnCall')))(world);
}
