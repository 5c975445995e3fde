import { z } from 'zod';
import type { Person } from '../company/company.ts';
import { DAY_MS } from '../company/company.ts';
import type { Call, Route } from '../http/call.ts';
import { newestFirst, readCursorPage } from '../http/cursors.ts';
import type { Reply } from '../http/replies.ts';
import { invalidInput, json, notFound, refuse } from '../http/replies.ts';
import { apiOf } from './render.ts';

export const delegationRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/users/{id}/oauth_delegations', scope: 'oauth_delegations.read', handle: listDelegations },
  { method: 'DELETE', pattern: '/oauth_delegations', scope: 'oauth_delegations.write', handle: signOut },
];

type Kind = 'web' | 'mobile' | 'integration';

interface Delegation {
  readonly id: string;
  readonly kind: Kind;
  readonly clientId: string;
  readonly at: number;
  readonly revoked: boolean;
}

/** A sign-in leaves a `web` delegation of PagerDuty's own client; integrations have others (facts 3.5). */
function listDelegations(call: Call): Reply {
  const user = call.account.user(call.params['id'] ?? '') ?? refuse(notFound);
  const kinds = readKinds(call.query.get('delegation_type'), ['web', 'mobile', 'integration']);
  const status = readStatus(call.query.get('status'));
  const rows = delegationsOf(user)
    .filter(({ kind, revoked, at }) => at <= call.now && kinds.includes(kind) && (status === undefined || status === (revoked ? 'revoked' : 'issued')))
    .sort((a, b) => newestFirst([a.at, a.id], [b.at, b.id]));
  const page = readCursorPage(call, { rows, positionOf: ({ at, id }) => [at, id], compare: newestFirst });
  return json({
    oauth_delegations: page.rows.map((delegation) => renderDelegation(call, user, delegation)),
    limit: page.limit,
    next_cursor: page.next,
    more: page.next !== null,
  });
}

function delegationsOf(user: Person): Delegation[] {
  const { web, mobile } = user.signedOut ?? {};
  const make = (kind: Kind, clientId: string, outAt: number | undefined) => (at: number, index: number): Delegation => ({
    id: `${kind}-${user.id}-${at}-${index}`,
    kind,
    clientId,
    at,
    revoked: outAt !== undefined && at <= outAt,
  });
  const service = user.story === 'service-account' ? [user.createdAt] : [];
  return [
    ...user.webSignIns.map(make('web', 'PagerDutyLogin', web)),
    ...user.mobileSignIns.map(make('mobile', 'PagerDutyMobile', mobile)),
    ...service.map(make('integration', 'automation-app', undefined)),
  ];
}

function readKinds<K extends Kind>(text: string | null, known: readonly K[]): readonly K[] {
  if (text === null || text === '') return known;
  const asked = text.split(',');
  if (asked.some((kind) => !known.some((one) => one === kind))) refuse(invalidInput('The type of delegation is not valid.'));
  return known.filter((kind) => asked.includes(kind));
}

function readStatus(text: string | null): 'issued' | 'revoked' | undefined {
  if (text === null || text === 'issued' || text === 'revoked') return text ?? undefined;
  return refuse(invalidInput('status is not valid.'));
}

function renderDelegation(call: Call, user: Person, { id, kind, clientId, at, revoked }: Delegation): object {
  return {
    id,
    status: revoked ? 'revoked' : 'issued',
    client_id: clientId,
    scope: kind === 'integration' ? 'read' : 'openid user read write',
    created_at: new Date(at).toISOString(),
    expires_at: new Date(at + 30 * DAY_MS).toISOString(),
    self: `${apiOf(call.account.company)}/users/${user.id}/oauth_delegations/${id}`,
    [call.settings.delegationKindField]: kind,
  };
}

const needed = z.object({ user_id: z.string().min(1), type: z.string().min(1) });

/** Signs somebody out of the web or the mobile app (facts 3.5). */
function signOut(call: Call): Reply {
  const parsed = needed.safeParse(Object.fromEntries(call.query));
  const { user_id: userId, type } = parsed.success ? parsed.data : refuse(invalidInput('user_id and type are needed.'));
  const user = call.account.user(userId) ?? refuse(invalidInput('user_id is not valid.'));
  const kinds = readKinds(type, ['web', 'mobile']);
  call.account.updateUser(user.id, { signedOut: { ...user.signedOut, ...Object.fromEntries(kinds.map((kind) => [kind, call.now])) } });
  return json({ status: 'ok' });
}
