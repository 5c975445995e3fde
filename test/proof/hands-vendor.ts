import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { removalCandidateResource } from '../../operator/api/removal-candidate.ts';
import { openIncident, placeOn, takeOff, type Person, type Placement } from '../pagerduty-simulator/index.ts';
import { person, selfId } from './company.ts';
import type { Hand } from './hands.ts';
import type { World } from './world.ts';

/** What people do at the vendor, mostly to those who are about to be reclaimed. */
export const vendorHands = [
  { name: 'placeOnPolicy', weight: 0.4, of: 'Vendor', act: place('policy') },
  { name: 'placeOnClassic', weight: 0.3, of: 'Vendor', act: place('classic') },
  { name: 'placeOnShifts', weight: 0.3, of: 'Vendor', act: place('v3') },
  { name: 'takeOff', weight: 0.6, of: 'Vendor', act: takeEverywhere },
  { name: 'openIncident', weight: 0.3, of: 'Vendor', act: (world) => aim(world, ({ id }) => void openIncident(world.simulator.state, { assigneeIds: [id], createdAt: world.clock.now() })) },
  { name: 'tag', weight: 0.3, of: 'Vendor', act: change(({ tagIds = [] }) => ({ tagIds: [...new Set([...tagIds, 'PTAGKEEP'])] })) },
  { name: 'rename', weight: 0.2, of: 'Vendor', act: change(({ id }) => ({ email: `other-${id.toLowerCase()}@example.com` })) },
  { name: 'promote', weight: 0.3, of: 'Vendor', act: change(() => ({ role: 'admin' })) },
  { name: 'demote', weight: 0.2, of: 'Vendor', act: change(({ role }) => ({ role: role === 'user' ? 'limited_user' : 'user' })) },
  { name: 'makeOwner', weight: 0.2, of: 'Vendor', act: makeOwner },
  { name: 'fewAdmins', weight: 0.2, of: 'Vendor', act: fewAdmins },
  { name: 'deleteByHand', weight: 0.2, of: 'Vendor', act: (world) => aim(world, ({ id }) => world.simulator.state.removeUser(id)) },
  { name: 'hire', weight: 0.3, of: 'Vendor', act: hire },
] as const satisfies readonly Hand[];

/** Somebody who has an open candidate, or else anybody; never who must be there for the credential to work. */
function aim({ simulator, cluster, dice }: World, hit: (someone: Person) => void): void {
  const { users } = simulator.state.company;
  const open = new Set(cluster.list<RemovalCandidate>(removalCandidateResource).filter(({ status }) => status?.state?.startsWith('Closed') !== true).map(({ spec }) => spec.subject.externalUserId));
  const wanted = users.filter(({ id }) => id !== selfId && (open.has(id) || dice.chance(0.1)));
  const someone = dice.maybePick(wanted);
  if (someone !== undefined) hit(someone);
}

function place(kind: Placement['kind']): Hand['act'] {
  return (world) => aim(world, ({ id }) => {
    const { company } = world.simulator.state;
    const places = kind === 'policy' ? company.policies : kind === 'classic' ? company.schedules : company.shiftSchedules;
    const chosen = world.dice.maybePick<{ readonly id: string }>(places);
    if (chosen !== undefined) placeOn(world.simulator.state, { userId: id, kind, id: chosen.id }, world.clock.now());
  });
}

function takeEverywhere(world: World): void {
  aim(world, ({ id }) => {
    const { state } = world.simulator;
    const now = world.clock.now();
    for (const policy of state.policiesTargeting(id)) takeOff(state, { userId: id, kind: 'policy', id: policy.id }, now);
    for (const schedule of state.schedulesNaming(id)) takeOff(state, { userId: id, kind: schedule.kind, id: schedule.id }, now);
  });
}

function change(patch: (someone: Person) => Partial<Person>): Hand['act'] {
  return (world) => aim(world, (someone) => {
    if (someone.role !== 'owner') world.simulator.state.updateUser(someone.id, patch(someone));
  });
}

function makeOwner(world: World): void {
  aim(world, ({ id }) => {
    const { state } = world.simulator;
    for (const { id: former, role } of state.company.users) if (role === 'owner') state.updateUser(former, { role: 'admin' });
    state.updateUser(id, { role: 'owner' });
  });
}

/** All but the owner, the credential's and one more lose the role. */
function fewAdmins({ simulator: { state } }: World): void {
  const others = state.company.users.filter(({ id, role }) => role === 'admin' && id !== selfId);
  for (const { id } of others.slice(1)) state.updateUser(id, { role: 'user' });
}

function hire({ simulator: { state }, clock, dice }: World): void {
  const id = `PNEW${dice.between(1, 1e6)}`;
  if (state.user(id) !== undefined) return;
  state.addUser(person(id, { now: clock.now(), company: state.company, patch: { allocatedAt: clock.now(), createdAt: clock.now() } }));
}
