import type { ClassicSchedule, Person, Policy, ShiftSchedule } from './company.ts';
import { DAY_MS } from './company.ts';
import type { Incident, IncidentAction, IncidentAgent } from './history.ts';
import type { Making } from './making.ts';
import { listShifts } from './shifts.ts';
import type { TimeZones } from './time-zones.ts';
import { createTimeZones } from './time-zones.ts';

/** What history is made of. */
export interface Past {
  readonly users: readonly Person[];
  readonly schedules: readonly ClassicSchedule[];
  readonly shiftSchedules: readonly ShiftSchedule[];
  readonly policies: readonly Policy[];
}

const MINUTE_MS = 60_000;
const TROUBLES = ['error rate is high', 'latency is high', 'disk is filling up', 'queue does not drain', 'certificate expires soon', 'probe fails'];

/**
 * Some incidents for each policy over the last 200 days, answered by whoever was on call; a few are still open, some of
 * them for months, and somebody who was never on call writes a note now and then.
 */
export function drawIncidents(past: Past, making: Making): Incident[] {
  const studio = makeStudio(past, making);
  const drafts = past.policies.flatMap((policy) => Array.from({ length: making.draw.between(2, 6) }, (_, index) => drawIncident(policy, index === 0, studio)));
  const sorted = drafts.sort((a, b) => a.createdAt - b.createdAt);
  return sorted.map((draft, index) => ({ ...draft, number: index + 1, id: `Q${String(index).padStart(13, '0')}` }));
}

interface Studio {
  readonly making: Making;
  readonly zones: TimeZones;
  readonly schedules: ReadonlyMap<string, ClassicSchedule | ShiftSchedule>;
  /** Who writes notes, or is handed an incident, without ever being on call. */
  readonly bystanders: readonly Person[];
  readonly offCall: readonly Person[];
}

function makeStudio(past: Past, making: Making): Studio {
  return {
    making,
    zones: createTimeZones(),
    schedules: new Map([...past.schedules, ...past.shiftSchedules].map((schedule) => [schedule.id, schedule])),
    bystanders: past.users.filter(({ story }) => story === 'never-on-call'),
    offCall: past.users.filter(({ story }) => story === 'rotated-off'),
  };
}

type Draft = Omit<Incident, 'id' | 'number'>;

function drawIncident(policy: Policy, first: boolean, studio: Studio): Draft {
  const { draw, now } = studio.making;
  const createdAt = now - draw.between(2 * 3600, 200 * 86_400) * 1000;
  const title = `${policy.name}: ${draw.pick(TROUBLES)}`;
  const responder = responderAt(policy, createdAt, studio);
  const base = { title, urgency: draw.chance(0.7) ? 'high' : 'low', createdAt, snapshot: policy } as const;
  if (responder === undefined) return { ...base, status: 'resolved', assigneeIds: [], actions: [trigger(createdAt), { ...trigger(createdAt + 90 * MINUTE_MS), type: 'resolve' }] };
  return first && draw.chance(0.35) ? leaveOpen(base, responder, studio) : close(base, responder, studio);
}

function trigger(at: number): IncidentAction {
  return { type: 'trigger', at, agent: { kind: 'integration' } };
}

/** The first level's person on call at that moment. */
function responderAt(policy: Policy, at: number, studio: Studio): string | undefined {
  for (const target of policy.rules[0]?.targets ?? []) {
    if (target.kind === 'user') return target.id;
    const schedule = studio.schedules.get(target.id);
    const shift = schedule === undefined ? undefined : listShifts(schedule, { start: at, end: at }, studio.zones)[0];
    if (shift !== undefined) return shift.userId;
  }
  return undefined;
}

type Base = Pick<Draft, 'title' | 'urgency' | 'createdAt' | 'snapshot'>;

function answered(createdAt: number, responder: string): IncidentAction[] {
  const notified: IncidentAction = { type: 'notify', at: createdAt + MINUTE_MS, agent: { kind: 'service' }, notifiedId: responder };
  const acknowledged: IncidentAction = { type: 'acknowledge', at: createdAt + 4 * MINUTE_MS, agent: { kind: 'user', id: responder } };
  return [trigger(createdAt), { type: 'assign', at: createdAt, agent: { kind: 'service' }, assigneeIds: [responder] }, notified, acknowledged];
}

function close(base: Base, responder: string, studio: Studio): Draft {
  const { draw } = studio.making;
  const at = base.createdAt + draw.between(20, 100) * MINUTE_MS;
  const actions = answered(base.createdAt, responder);
  if (draw.chance(0.15) && studio.bystanders.length > 0) actions.push({ type: 'annotate', at: at - 5 * MINUTE_MS, agent: { kind: 'user', id: draw.pick(studio.bystanders).id } });
  const agent: IncidentAgent = draw.chance(0.7) ? { kind: 'user', id: responder } : { kind: 'integration' };
  return { ...base, status: 'resolved', assigneeIds: [], actions: [...actions, { type: 'resolve', at, agent }] };
}

/** Some open ones were handed to somebody who is never on call; some still hold a policy with somebody who has left it since. */
function leaveOpen(base: Base, responder: string, studio: Studio): Draft {
  const { draw } = studio.making;
  const actions = answered(base.createdAt, responder);
  const snapshot = draw.chance(0.5) && studio.offCall.length > 0 ? withFormerTarget(base.snapshot, draw.pick(studio.offCall).id) : base.snapshot;
  if (!draw.chance(0.4) || studio.bystanders.length === 0) return { ...base, snapshot, status: 'acknowledged', assigneeIds: [responder], actions };
  const assigneeIds = [draw.pick(studio.bystanders).id];
  const at = Math.min(studio.making.now - MINUTE_MS, base.createdAt + DAY_MS / 2);
  return { ...base, snapshot, status: 'triggered', assigneeIds, actions: [...actions, { type: 'assign', at, agent: { kind: 'user', id: responder }, assigneeIds }] };
}

function withFormerTarget(policy: Policy, userId: string): Policy {
  const [first, ...rest] = policy.rules;
  if (first === undefined) return policy;
  return { ...policy, rules: [{ ...first, targets: [...first.targets, { kind: 'user', id: userId }] }, ...rest] };
}
