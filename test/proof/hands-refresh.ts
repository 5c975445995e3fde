import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { labels } from '../../operator/api/group.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import type { Person } from '../pagerduty-simulator/index.ts';
import type { Hand } from './hands.ts';
import { jobsResource } from './resources.ts';
import { iso, namespace, subscriptionName, subscriptionOf } from './subscriptions.ts';
import { refreshOf, type World } from './world.ts';

const key = { namespace, name: 'pagerduty' };

/** What refreshes leave behind: mostly all is well, and sometimes nothing may be believed. */
export const refreshHands = [
  { name: 'refresh', weight: 3, of: 'Objects', act: refresh },
  { name: 'refreshFails', weight: 0.3, of: 'Objects', act: run((one) => ({ result: 'Failed', failureKind: one.dice.pick(['Terminal', 'Retryable']) })) },
  { name: 'refreshBreaksOff', weight: 0.2, of: 'Objects', act: run(() => ({ result: 'Failed', failureKind: 'Retryable', created: 3 }), 'subscriptions') },
  { name: 'refreshBegins', weight: 0.2, of: 'Objects', act: ({ cluster }) => void cluster.put(jobsResource, { metadata: { name: 'pagerduty-refresh', namespace, labels: { [labels.process]: 'subscriptions' } }, state: 'Active' } as never) },
  { name: 'signalRefused', weight: 0.3, of: 'Objects', act: signals((signal) => ({ ...signal, available: false })) },
  { name: 'signalGap', weight: 0.2, of: 'Objects', act: signals((signal, { clock }) => ({ ...signal, from: iso(clock.now() - 20 * 86_400_000) })) },
  { name: 'signalLost', weight: 0.2, of: 'Objects', act: signals(({ name }) => ({ name, available: true })) },
  { name: 'dataOld', weight: 0.3, of: 'Objects', act: run(({ clock, dice }) => ({ lastSuccessTime: iso(clock.now() - dice.between(37, 400) * 3_600_000) })) },
  { name: 'dataOfTomorrow', weight: 0.1, of: 'Objects', act: run(({ clock }) => ({ lastSuccessTime: iso(clock.now() + 30 * 3_600_000) })) },
  { name: 'otherConnection', weight: 0.2, of: 'Objects', act: run(() => ({ connection: 'another' }), 'activity') },
] as const satisfies readonly Hand[];

type Runs = Record<'subscriptions' | 'activity', Record<string, unknown>>;

function run(change: (world: World) => object, of?: 'subscriptions' | 'activity'): Hand['act'] {
  return (world) => editRuns(world, (runs) => void Object.assign(runs[of ?? world.dice.pick(['subscriptions', 'activity'] as const)], change(world)));
}

interface Signal {
  readonly name: string;
  readonly available: boolean;
  readonly from?: string;
  readonly to?: string;
}

function signals(change: (signal: Signal, world: World) => Signal): Hand['act'] {
  return (world) => editRuns(world, ({ activity }) => void (activity['signals'] = (activity['signals'] as Signal[]).map((signal) => change(signal, world))));
}

function editRuns({ cluster }: World, edit: (runs: Runs) => void): void {
  cluster.change<IntegrationProfile>(integrationProfileResource, key, ({ status }) => edit(status?.refresh as unknown as Runs));
}

/** All that the vendor has now, with the activity that was known: both refreshes went well. */
export function refresh(world: World): void {
  const { cluster, clock, dice } = world;
  cluster.remove(jobsResource, { namespace, name: 'pagerduty-refresh' });
  const profile = cluster.get<IntegrationProfile>(integrationProfileResource, key);
  if (profile === undefined) return;
  writeSubscriptions(world, profile.metadata.uid ?? '');
  const connection = profile.status?.refresh?.subscriptions?.connection ?? '';
  const at = clock.now() - dice.between(0, 600_000);
  cluster.change<IntegrationProfile>(integrationProfileResource, key, (one) => void (one.status = { ...one.status, refresh: refreshOf(at, connection, one.spec.activitySignals) }));
}

function writeSubscriptions(world: World, profileUid: string): void {
  const { cluster, clock, simulator: { state: { company } } } = world;
  const there = new Set(company.users.map(({ id }) => subscriptionName(id)));
  const known = new Map(cluster.list<SoftwareSubscription>(softwareSubscriptionResource).map((one) => [one.metadata.name, one]));
  for (const name of known.keys()) if (!there.has(name)) cluster.remove(softwareSubscriptionResource, { namespace, name });
  for (const person of company.users) {
    const fresh = subscriptionOf(person, company, { profileUid, firstSeen: clock.now() });
    const before = known.get(fresh.metadata.name);
    if (before === undefined) cluster.put(softwareSubscriptionResource, { ...fresh, status: { activity: 'Never', evidenceFrom: iso(clock.now()) } });
    else update(world, before, { ...fresh.spec, ...resolvedOf(world, person), ...personSince(world, before, person) });
  }
}

function update({ cluster }: World, before: SoftwareSubscription, spec: SoftwareSubscription['spec']): void {
  if (JSON.stringify(before.spec) === JSON.stringify(spec) && before.metadata.deletionTimestamp === undefined) return;
  const { deletionTimestamp: _gone, ...metadata } = before.metadata;
  cluster.put(softwareSubscriptionResource, { ...before, metadata, spec });
}

/** Guard 9: as the refresh finds out that a seat was handed over. */
function personSince({ clock, focus }: World, { spec }: SoftwareSubscription, { email }: Person): { personSince?: string } {
  const isOther = spec.userPrincipalName.toLowerCase() !== email.toLowerCase() && focus.forgetsPersons !== true;
  if (isOther) return { personSince: iso(clock.now()) };
  return spec.personSince === undefined ? {} : { personSince: spec.personSince };
}

function resolvedOf({ resolved }: World, { id, email }: Person): { resolvedEmail?: string } {
  const found = resolved.get(id);
  return found?.of.toLowerCase() === email.toLowerCase() ? { resolvedEmail: found.resolvedEmail } : {};
}
