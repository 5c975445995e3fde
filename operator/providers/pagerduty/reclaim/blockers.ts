import type { InspectRequest, Inspection, VendorBlocker } from '../../reclaim.ts';
import { findActivity } from '../oncalls.ts';
import { clip, parseInstant } from '../schemas.ts';
import { blockUnknown, type Checked } from './checked.ts';
import type { Places, ReadableSchedules } from './gather.ts';
import { holdsNow, layersOf, mentions } from './positions.ts';
import type { IncidentRow, NamedOncallRow, PolicyRow, ScheduleRow, TagRow } from './schemas.ts';

/** Blockers of one kind that are listed; the last one says how many more there are. */
const maxListed = 10;

/** The person, the moment, and what protects. */
export interface Subject {
  readonly id: string;
  /** Milliseconds since the epoch, read before anything was asked. */
  readonly now: number;
  readonly protectedTags: readonly string[];
}

/** All that stands in the way of reclaiming somebody, most pressing first (guards 2 and 3, T13, C5, C14). Pure. */
export function findBlockers(places: Places, tags: Checked<readonly TagRow[]>, subject: Subject): VendorBlocker[] {
  const groups = [
    blockUnknown('on-calls', places.oncalls, (rows) => blockOncalls(rows, subject)),
    blockUnknown('schedules', places.schedules, (rows) => blockSchedules(rows, subject)),
    blockUnknown('shift-based schedules', places.shiftSchedules, (schedules) => blockShiftSchedules(schedules, subject)),
    blockUnknown('escalation policies', places.policies, (rows) => blockPolicies(rows, subject)),
    blockUnknown('open incidents', places.incidents, blockIncidents),
    // Where nothing protects by a tag, there is nothing to verify.
    subject.protectedTags.length === 0 ? [] : blockUnknown('tags', tags, (rows) => blockTags(rows, subject)),
  ];
  return groups.flatMap(shorten);
}

function shorten(blockers: VendorBlocker[]): VendorBlocker[] {
  const whole = blockers.map(({ kind, name, detail }) => ({ kind, name: clip(name), ...(detail === undefined ? {} : { detail: detail.slice(0, 500) }) }));
  const [first] = whole;
  if (first === undefined || whole.length <= maxListed) return whole;
  const listed = whole.slice(0, maxListed - 1);
  return [...listed, { kind: first.kind, name: `${whole.length - listed.length} more`, detail: 'not listed here' }];
}

/** On call now or to come: one blocker for each schedule, policy and level, with the nearest shift. */
function blockOncalls(rows: readonly NamedOncallRow[], { id, now }: Subject): VendorBlocker[] {
  const nearest = new Map<string, { row: NamedOncallRow; start: number }>();
  for (const row of rows) {
    if (isOthers(row.user, id) || !isNowOrLater(row, now)) continue;
    // No start means on call now, always (T4).
    const start = row.start === null ? Number.NEGATIVE_INFINITY : readTime(row.start, 'start');
    const key = placeOfEntry(row);
    if (start < (nearest.get(key)?.start ?? Number.POSITIVE_INFINITY)) nearest.set(key, { row, start });
  }
  const sorted = Array.from(nearest.values()).sort((a, b) => a.start - b.start);
  return sorted.map(({ row }) => ({ kind: 'OnCall', name: nameOncall(row), detail: describeOncall(row) }));
}

function placeOfEntry({ schedule, escalation_policy: policy, escalation_level: level }: NamedOncallRow): string {
  return `${schedule?.id ?? ''} ${policy?.id ?? ''} ${level ?? ''}`;
}

/** An entry without a person is taken for theirs: it came in answer to a question about them. */
function isOthers(user: { readonly id: string } | null | undefined, id: string): boolean {
  return user !== null && user !== undefined && user.id !== id;
}

function isNowOrLater({ start, end }: NamedOncallRow, now: number): boolean {
  return start === null || end === null || readTime(end, 'end') > now;
}

function readTime(text: string, field: string): number {
  return parseInstant(text, '/oncalls', `oncalls.${field}`);
}

function nameOncall({ schedule, escalation_policy: policy }: NamedOncallRow): string {
  return schedule?.summary ?? policy?.summary ?? schedule?.id ?? policy?.id ?? 'on call';
}

function describeOncall({ start, end, schedule, escalation_policy: policy, escalation_level: level }: NamedOncallRow): string {
  const when = start === null ? 'always on call, as a direct target' : `${start} to ${end ?? 'no end'}`;
  const where = [level === null || level === undefined ? '' : `level ${level}`, schedule === null || schedule === undefined ? '' : (policy?.summary ?? '')];
  return [when, ...where.filter((part) => part !== '')].join(', ');
}

function blockSchedules(rows: readonly ScheduleRow[], { id, now }: Subject): VendorBlocker[] {
  return rows.flatMap((row) => {
    const layers = layersOf(row, id).filter((layer) => layer.end === undefined || layer.end > now);
    if (layers.length === 0 && !row.users.some((user) => user.id === id)) return [];
    const named = layers.length === 0 ? '' : `, ${layers.map((layer) => layer.name).join(', ')}`;
    return [{ kind: 'Schedule', name: row.name ?? row.summary ?? row.id, detail: `schedule ${row.id}${named}` } as const];
  });
}

function blockShiftSchedules({ read, unreadable }: ReadableSchedules, { id, now }: Subject): VendorBlocker[] {
  const named = read.filter((schedule) => holdsNow(schedule, id, now));
  return [
    ...named.map((schedule) => ({ kind: 'Schedule', name: schedule.name ?? schedule.summary ?? schedule.id, detail: `shift-based schedule ${schedule.id}` }) as const),
    ...unreadable.map(({ name, why }) => ({ kind: 'Unverified', name, detail: `a shift-based schedule that cannot be looked into: ${why}` }) as const),
  ];
}

/** Every policy that came in answer: an empty level would be left where the person is its only target. */
function blockPolicies(rows: readonly PolicyRow[], { id }: Subject): VendorBlocker[] {
  return rows.map((row) => {
    const levels = levelsOf(row, id);
    const where = levels.length === 0 ? '' : `, level ${levels.join(', ')}`;
    return { kind: 'EscalationPolicy', name: row.name ?? row.summary ?? row.id, detail: `escalation policy ${row.id}${where}` };
  });
}

export function levelsOf(row: PolicyRow, id: string): number[] {
  return (row.escalation_rules ?? []).flatMap((rule, at) => (mentions(rule, id) ? [at + 1] : []));
}

function blockIncidents(rows: readonly IncidentRow[]): VendorBlocker[] {
  return rows.map((row) => ({
    kind: 'OpenIncident',
    name: row.title ?? row.summary ?? row.id,
    detail: `incident ${row.incident_number === null || row.incident_number === undefined ? row.id : `#${row.incident_number}`}, ${row.status ?? 'open'}`,
  }));
}

/** Labels are compared without case: a person writes them by hand. */
function blockTags(rows: readonly TagRow[], { protectedTags }: Subject): VendorBlocker[] {
  const wanted = new Set(protectedTags.map(normaliseTag));
  return rows.map(labelOf).filter((label) => wanted.has(normaliseTag(label))).map((label) => ({ kind: 'Tag', name: label }));
}

function normaliseTag(label: string): string {
  return label.trim().toLowerCase();
}

export function labelOf({ label, summary }: TagRow): string {
  return label ?? summary ?? '';
}

/** Latest on-call duty since the end of the evidence that has begun (L1); undefined when there is none, or nobody may look. */
export function findRecentActivity(oncalls: Checked<readonly NamedOncallRow[]>, { externalUserId: id, evidenceTo }: InspectRequest, now: number): Extract<Inspection, { kind: 'Found' }>['recentActivity'] {
  if (oncalls.kind === 'Unknown') return undefined;
  const times = oncalls.value.filter((row) => !isOthers(row.user, id)).map((row) => findActivity(row, now) ?? Number.NEGATIVE_INFINITY);
  const at = times.reduce((latest, time) => Math.max(latest, time), Number.NEGATIVE_INFINITY);
  return at >= evidenceTo ? { at, signal: 'OnCall' } : undefined;
}
