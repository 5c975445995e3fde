import type { Person, Team } from './company.ts';
import { DAY_MS } from './company.ts';
import type { AuditActor, AuditMethod, AuditRecord } from './history.ts';
import type { Past } from './incidents.ts';
import type { Making } from './making.ts';

/** Further back than PagerDuty keeps records, so that the end of its memory shows (facts 4.6). */
const REACH_DAYS = 430;

/** Changes of the account's set-up: one for two people, by people, keys, apps and the identity provider. */
export function drawAuditRecords(past: Past & { readonly teams: readonly Team[] }, making: Making): AuditRecord[] {
  const cast = makeCast(past, making);
  const changes = Array.from({ length: Math.ceil(past.users.length / 2) + 4 }, () => drawChange(past, cast, making));
  const joined = past.users.filter((user) => user.createdAt > making.now - REACH_DAYS * DAY_MS).map((user) => provisioned(user));
  return [...changes, ...joined].map((record, index) => ({ ...record, id: `PDRECORDID${index}_AUDIT` }));
}

interface Cast {
  readonly administrators: readonly Person[];
  readonly managers: readonly Person[];
  readonly machines: readonly Person[];
}

function makeCast({ users }: Past, { now }: Making): Cast {
  const here = users.filter(({ story, createdAt }) => story !== 'pending-invitation' && story !== 'on-leave' && createdAt < now - REACH_DAYS * DAY_MS);
  const owner = users.filter(({ role }) => role === 'owner');
  return {
    administrators: [...owner, ...here.filter(({ role }) => role === 'admin')],
    managers: here.filter(({ role, story }) => role === 'user' && story !== 'service-account'),
    machines: here.filter(({ story }) => story === 'service-account'),
  };
}

type Draft = Omit<AuditRecord, 'id'>;

function drawChange(past: Past & { readonly teams: readonly Team[] }, cast: Cast, making: Making): Draft {
  const { draw, now } = making;
  return {
    at: now - draw.between(600, REACH_DAYS * 86_400) * 1000 - draw.between(0, 999),
    ...drawActor(cast, making),
    action: draw.pick(['create', 'update', 'update', 'update', 'delete']),
    root: drawRoot(past, making),
    fields: [{ name: 'name', value: 'After', before: 'Before' }],
  };
}

function drawActor(cast: Cast, { draw }: Making): { actors: readonly AuditActor[] | null; method: AuditMethod } {
  const kind = draw.random();
  if (kind < 0.1) return { actors: [{ type: 'api_key_reference', id: 'PAPIKEY' }], method: 'api_token' };
  if (kind < 0.2) return { actors: [{ type: 'app_reference', id: 'PAPPREF' }], method: 'oauth' };
  if (kind < 0.23) return { actors: null, method: 'other' };
  const group = kind < 0.3 ? cast.machines : kind < 0.6 ? cast.managers : cast.administrators;
  const actor = draw.pick(group.length > 0 ? group : cast.administrators);
  return { actors: [{ type: 'user_reference', id: actor.id }], method: actor.story === 'service-account' ? 'api_token' : 'browser' };
}

function drawRoot(past: Past & { readonly teams: readonly Team[] }, { draw }: Making): AuditRecord['root'] {
  const groups = { users: past.users, teams: past.teams, schedules: past.schedules, escalation_policies: past.policies } as const;
  const type = draw.pick(['users', 'teams', 'schedules', 'escalation_policies'] as const);
  const items: readonly { readonly id: string; readonly name: string }[] = groups[type];
  const item = items.length > 0 ? draw.pick(items) : draw.pick(past.users);
  return { type: items.length > 0 ? type : 'users', id: item.id, name: item.name };
}

/** The identity provider made the person: nobody's doing, though one person stands beside it. */
function provisioned(user: Person): Draft {
  const bySso = user.createdViaSso;
  return {
    at: user.createdAt,
    actors: bySso ? [{ type: 'user_reference', id: user.id }] : null,
    method: bySso ? 'identity_provider' : 'other',
    action: 'create',
    root: { type: 'users', id: user.id, name: user.name },
    fields: [{ name: 'role', value: user.role, before: null }],
  };
}
