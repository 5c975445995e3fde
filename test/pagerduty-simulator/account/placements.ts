import type { ClassicSchedule, Layer, Policy, ShiftSchedule } from '../company/company.ts';
import { DAY_MS } from '../company/company.ts';
import type { Account } from './account.ts';

/** A place on a schedule, or as a direct target of an escalation policy. */
export interface Placement {
  readonly userId: string;
  readonly kind: 'policy' | 'classic' | 'v3';
  /** The first there is unless named. */
  readonly id?: string;
  /** Of a policy, from 1. Default 1. */
  readonly level?: number;
}

/** Puts somebody on call. Throws RangeError when the schedule or policy is not there. Returns its id. */
export function placeOn(account: Account, place: Placement, now: number): string {
  const { policies, schedules, shiftSchedules } = account.company;
  if (place.kind === 'policy') {
    const policy = pick(policies, place);
    account.replace({ policies: swap(policies, addTarget(policy, place)) });
    return policy.id;
  }
  if (place.kind === 'classic') {
    const schedule = pick(schedules, place);
    account.replace({ schedules: swap(schedules, addToLayer(schedule, place.userId, now)) });
    return schedule.id;
  }
  const schedule = pick(shiftSchedules, place);
  account.replace({ shiftSchedules: swap(shiftSchedules, mapMembers(schedule, (members) => [...members, place.userId], now)) });
  return schedule.id;
}

/** Takes somebody off, wherever in it; deletions may see the old state for a while. Throws RangeError when it is not there. */
export function takeOff(account: Account, place: Placement, now: number): string {
  const { policies, schedules, shiftSchedules } = account.company;
  const { userId } = place;
  const note = ({ id, name }: { id: string; name: string }, kind: 'schedule' | 'escalation policy'): string => {
    account.formerTies.add({ userId, kind, id, name, at: now });
    return id;
  };
  if (place.kind === 'policy') {
    const policy = pick(policies, place);
    account.replace({ policies: swap(policies, removeTarget(policy, userId)) });
    return note(policy, 'escalation policy');
  }
  if (place.kind === 'classic') {
    const schedule = pick(schedules, place);
    account.replace({ schedules: swap(schedules, removeFromLayers(schedule, userId)) });
    return note(schedule, 'schedule');
  }
  const schedule = pick(shiftSchedules, place);
  account.replace({ shiftSchedules: swap(shiftSchedules, mapMembers(schedule, (members) => members.filter((member) => member !== userId))) });
  return note(schedule, 'schedule');
}

function pick<T extends { readonly id: string }>(items: readonly T[], { kind, id }: Placement): T {
  const item = id === undefined ? items[0] : items.find((one) => one.id === id);
  if (item === undefined) throw new RangeError(`the company has no ${kind === 'policy' ? 'escalation policy' : `${kind} schedule`} ${id ?? 'at all'}`);
  return item;
}

function swap<T extends { readonly id: string }>(items: readonly T[], changed: T): T[] {
  return items.map((item) => (item.id === changed.id ? changed : item));
}

function addTarget(policy: Policy, { userId, level = 1 }: Placement): Policy {
  const target = { kind: 'user', id: userId } as const;
  const rules = [...policy.rules];
  const rule = rules[level - 1];
  if (rule === undefined) rules.push({ id: `${policy.id}L${rules.length + 1}`, delayMinutes: 30, targets: [target] });
  else rules[level - 1] = { ...rule, targets: [...rule.targets, target] };
  return { ...policy, rules };
}

function removeTarget(policy: Policy, userId: string): Policy {
  const rules = policy.rules.map((rule) => ({ ...rule, targets: rule.targets.filter(({ kind, id }) => kind !== 'user' || id !== userId) }));
  return { ...policy, rules };
}

/** The last layer that goes on, or a new one. */
function addToLayer(schedule: ClassicSchedule, userId: string, now: number): ClassicSchedule {
  const index = schedule.layers.findLastIndex(({ end }) => end === null || end > now);
  const layer = schedule.layers[index];
  if (layer === undefined) return { ...schedule, layers: [...schedule.layers, newLayer(schedule, userId, now)] };
  return { ...schedule, layers: schedule.layers.with(index, { ...layer, userIds: [...layer.userIds, userId] }) };
}

function newLayer({ id, layers }: ClassicSchedule, userId: string, now: number): Layer {
  const name = 'Added rotation';
  return { id: `${id}L${layers.length + 1}`, name, start: now, end: null, rotationVirtualStart: now, turnSeconds: DAY_MS / 1000, userIds: [userId], restrictions: [] };
}

function removeFromLayers(schedule: ClassicSchedule, userId: string): ClassicSchedule {
  const layers = schedule.layers.map((layer) => ({ ...layer, userIds: layer.userIds.filter((id) => id !== userId) }));
  return { ...schedule, layers, overrides: schedule.overrides.filter((override) => override.userId !== userId) };
}

type Members = ShiftSchedule['rotations'][number]['events'][number]['members'];

/** Of all events, or of those that go on after a moment. */
function mapMembers(schedule: ShiftSchedule, change: (members: Members) => Members, after?: number): ShiftSchedule {
  const rotations = schedule.rotations.map((rotation) => ({
    ...rotation,
    events: rotation.events.map((event) => {
      const goesOn = after === undefined || event.effectiveUntil === null || event.effectiveUntil > after;
      return goesOn ? { ...event, members: change(event.members) } : event;
    }),
  }));
  return { ...schedule, rotations };
}
