import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { removalCandidateResource } from '../../operator/api/removal-candidate.ts';
import { openIncident, placeOn, takeOff, type Person, type Placement } from '../pagerduty-simulator/index.ts';
import { person, selfId, stakeholderRole } from './company.ts';
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
  { name: 'handOver', weight: 0.8, of: 'Person', act: (world) => aim(world, (someone) => handOver(world, someone)) },
  { name: 'renameOnly', weight: 0.5, of: 'Person', act: change(({ name }) => ({ name: `${name} Married` })) },
  { name: 'readdressOnly', weight: 0.3, of: 'Person', act: readdress },
  { name: 'reuseAddress', weight: 0.4, of: 'Person', act: (world) => aim(world, (someone) => reuseAddress(world, someone)) },
  { name: 'promote', weight: 0.3, of: 'Person', act: change(() => ({ role: 'admin' })) },
  { name: 'demote', weight: 0.2, of: 'Person', act: change(({ role }) => ({ role: role === 'user' ? 'limited_user' : 'user' })) },
  { name: 'changeReclaimed', weight: 1, of: 'Person', act: changeReclaimed },
  { name: 'makeOwner', weight: 0.2, of: 'Vendor', act: makeOwner },
  { name: 'fewAdmins', weight: 0.2, of: 'Vendor', act: fewAdmins },
  { name: 'deleteByHand', weight: 0.2, of: 'Vendor', act: (world) => aim(world, ({ id }) => world.simulator.state.removeUser(id)) },
  { name: 'hire', weight: 0.3, of: 'Vendor', act: hire },
] as const satisfies readonly Hand[];

/** Somebody who has an open candidate, or else anybody; never who must be there for the credential to work. */
function aim({ simulator, cluster, dice }: World, hit: (someone: Person) => unknown): unknown {
  const { users } = simulator.state.company;
  const open = new Set(cluster.list<RemovalCandidate>(removalCandidateResource).filter(({ status }) => status?.state?.startsWith('Closed') !== true).map(({ spec }) => spec.subject.externalUserId));
  const wanted = users.filter(({ id }) => id !== selfId && (open.has(id) || dice.chance(0.1)));
  const someone = dice.maybePick(wanted);
  return someone === undefined ? false : hit(someone);
}

/** Same id, another name and address: the vendor's way to give a seat to somebody else. */
function handOver({ simulator: { state }, dice, clock, seatSince }: World, { id, role }: Person): boolean {
  if (role === 'owner') return false;
  const next = dice.between(1, 1e6);
  state.updateUser(id, { name: `Next ${next}`, email: `next-${next}@example.com` });
  seatSince.set(id, clock.now());
  return true;
}

/** The same person, to all who know them; nobody else can tell. */
function readdress(world: World): unknown {
  return aim(world, ({ id, role }) => {
    if (role === 'owner') return false;
    world.seatSince.set(id, world.clock.now());
    return world.simulator.state.updateUser(id, { email: `other-${id.toLowerCase()}-${world.dice.between(1, 99)}@example.com` });
  });
}

/** The address goes to another id, and the former id to somebody else, or away. */
function reuseAddress({ simulator: { state }, dice, clock, seatSince }: World, { id, name, email, role }: Person): boolean {
  const next = dice.between(1, 1e6);
  if (role === 'owner' || state.user(`PAGAIN${next}`) !== undefined) return false;
  if (dice.chance(0.5)) state.removeUser(id);
  else state.updateUser(id, { name: `Next ${next}`, email: `next-${next}@example.com` });
  seatSince.set(id, clock.now());
  const patch: Partial<Person> = { name, email, allocatedAt: clock.now(), createdAt: clock.now() };
  state.addUser(person(`PAGAIN${next}`, { now: clock.now(), company: state.company, patch }));
  return true;
}

/** What people do, between a reclaim and its undo, to whom it was about. */
function changeReclaimed({ simulator: { state }, cluster, dice, clock, seatSince }: World): boolean {
  const touched = new Set(cluster.list<RemovalCandidate>(removalCandidateResource).filter(({ status }) => status?.attempt !== undefined).map(({ spec }) => spec.subject.externalUserId));
  const someone = dice.maybePick(state.company.users.filter(({ id, role }) => touched.has(id) && role !== 'owner' && id !== selfId));
  if (someone === undefined) return false;
  const next = dice.between(1, 1e6);
  const patch: Partial<Person> = dice.pick<Partial<Person>>([{ role: 'admin' }, { role: 'observer' }, { role: stakeholderRole }, { role: 'user' }, { jobTitle: `Lead ${next}` }, { name: `Next ${next}`, email: `next-${next}@example.com` }, { name: `${someone.name} Married` }]);
  if (patch.email !== undefined) seatSince.set(someone.id, clock.now());
  state.updateUser(someone.id, patch);
  return true;
}

function place(kind: Placement['kind']): Hand['act'] {
  return (world) => aim(world, ({ id }) => {
    const { company } = world.simulator.state;
    const places = kind === 'policy' ? company.policies : kind === 'classic' ? company.schedules : company.shiftSchedules;
    const chosen = world.dice.maybePick<{ readonly id: string }>(places);
    if (chosen !== undefined) placeOn(world.simulator.state, { userId: id, kind, id: chosen.id }, world.clock.now());
  });
}

function takeEverywhere(world: World): unknown {
  return aim(world, ({ id }) => {
    const { state } = world.simulator;
    const now = world.clock.now();
    for (const policy of state.policiesTargeting(id)) takeOff(state, { userId: id, kind: 'policy', id: policy.id }, now);
    for (const schedule of state.schedulesNaming(id)) takeOff(state, { userId: id, kind: schedule.kind, id: schedule.id }, now);
  });
}

function change(patch: (someone: Person) => Partial<Person>): Hand['act'] {
  return (world) => aim(world, (someone) => {
    if (someone.role === 'owner') return false;
    return world.simulator.state.updateUser(someone.id, patch(someone));
  });
}

function makeOwner(world: World): unknown {
  return aim(world, ({ id }) => {
    const { state } = world.simulator;
    for (const { id: former, role } of state.company.users) if (role === 'owner') state.updateUser(former, { role: 'admin' });
    return state.updateUser(id, { role: 'owner' });
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
