import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { changeIncident, openIncident } from '../account/incidents.ts';
import { placeOn, takeOff } from '../account/placements.ts';
import type { Person } from '../company/company.ts';
import type { Core } from '../core.ts';
import type { JournalFilter } from '../http/journal.ts';
import { readBody } from '../http/dispatch.ts';
import { appPatchSchema, appSchema, revokeSchema, withoutSecret } from './oauth-schemas.ts';
import { companyPatchSchema, faultSchema, personPatchSchema, personSchema, settingsPatchSchema } from './schemas.ts';
import { incidentChangeSchema, incidentSchema, placementSchema } from './write-schemas.ts';

/** Paths of the control API, for tests in another process. */
export const CONTROL_PREFIX = '/_simulator';

interface Order {
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  /** The parsed JSON body; undefined when there is none. */
  readonly body: unknown;
}

type Command = (core: Core, order: Order) => unknown;

/** `METHOD path` to what it does; `*` is handed over in `params`. What a command returns is the JSON answer. */
const COMMANDS: Readonly<Record<string, Command>> = {
  'GET /': describe,
  'POST /reset': resetAll,
  'GET /journal': listJournal,
  'DELETE /journal': ({ journal }) => journal.clear(),
  'GET /faults': ({ faults }) => faults.list(),
  'POST /faults': ({ faults }, { body }) => ({ id: faults.add(faultSchema.parse(body)) }),
  'DELETE /faults': ({ faults }) => faults.clear(),
  'DELETE /faults/*': ({ faults }, { params: [id = ''] }) => ({ removed: faults.remove(id) }),
  'GET /clock': ({ clock }) => ({ now: clock.now() }),
  'POST /clock': moveClock,
  'GET /settings': ({ settings }) => settings,
  'PATCH /settings': ({ settings }, { body }) => Object.assign(settings, settingsPatchSchema.parse(body)),
  'GET /company': ({ account }) => account.company,
  'PATCH /company': ({ account }, { body }) => account.replace(companyPatchSchema.parse(body)),
  'POST /users': ({ account }, { body }) => account.addUser(personSchema.parse(body)),
  'PATCH /users/*': ({ account }, { params: [id = ''], body }) => account.updateUser(id, personPatchSchema.parse(body) as Partial<Person>),
  'DELETE /users/*': ({ account }, { params: [id = ''] }) => account.removeUser(id),
  'POST /incidents': ({ account, clock }, { body }) => openIncident(account, { createdAt: clock.now(), ...incidentSchema.parse(body) }),
  'PATCH /incidents/*': ({ account, clock }, { params: [id = ''], body }) => changeIncident(account, id, { ...incidentChangeSchema.parse(body), at: clock.now() }),
  'POST /placements': ({ account, clock }, { body }) => ({ id: placeOn(account, placementSchema.parse(body), clock.now()) }),
  'DELETE /placements': ({ account, clock }, { body }) => ({ id: takeOff(account, placementSchema.parse(body), clock.now()) }),
  'GET /apps': ({ identity }) => identity.apps.list().map(withoutSecret),
  'POST /apps': ({ identity }, { body }) => withoutSecret(identity.apps.register(appSchema.parse(body))),
  'PATCH /apps/*': ({ identity }, { params: [id = ''], body }) => withoutSecret(identity.apps.update(id, appPatchSchema.parse(body))),
  'POST /tokens/revoke': ({ credentials }, { body }) => ({ revoked: credentials.revoke(revokeSchema.parse(body)) }),
  'POST /tokens/user': grantUserToken,
};

const clockSchema = z.union([
  z.strictObject({ set: z.union([z.number(), z.iso.datetime({ offset: true })]) }),
  z.strictObject({ advanceMs: z.number() }),
  z.strictObject({ release: z.literal(true) }),
]);
const userTokenSchema = z.strictObject({ userId: z.string(), scopes: z.array(z.string()), id: z.string().optional() });

/** Answers one order, to callers on this machine only. */
export async function serveControl(core: Core, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://simulator.invalid');
  const text = await readBody(request);
  const found = findCommand(request.method ?? 'GET', url.pathname.slice(CONTROL_PREFIX.length) || '/');
  if (!isLoopback(request.socket.remoteAddress)) reply(response, 403, { error: 'control is for this machine only' });
  else if (found === undefined) reply(response, 404, { error: 'no such control command', commands: Object.keys(COMMANDS) });
  else obey(response, () => found.command(core, { params: found.params, query: url.searchParams, body: parseBody(text) }));
}

function parseBody(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text);
}

function obey(response: ServerResponse, run: () => unknown): void {
  try {
    reply(response, 200, run() ?? { ok: true });
  } catch (error) {
    if (!isBadOrder(error)) throw error;
    reply(response, 400, { error: error instanceof z.ZodError ? z.prettifyError(error) : error.message });
  }
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
}

/** Faults of the caller, as against defects of ours. */
function isBadOrder(error: unknown): error is Error {
  return error instanceof z.ZodError || error instanceof SyntaxError || error instanceof RangeError;
}

function findCommand(method: string, path: string): { command: Command; params: string[] } | undefined {
  const exact = COMMANDS[`${method} ${path}`];
  if (exact !== undefined) return { command: exact, params: [] };
  const cut = path.lastIndexOf('/');
  const command = COMMANDS[`${method} ${path.slice(0, cut)}/*`];
  return command === undefined ? undefined : { command, params: [decodeURIComponent(path.slice(cut + 1))] };
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}

function describe({ account, clock, journal }: Core): unknown {
  const { company } = account;
  const { subdomain, region, users, teams, schedules, shiftSchedules, policies } = company;
  const counts = { users, teams, schedules, shiftSchedules, policies };
  const lengths = Object.fromEntries(Object.entries(counts).map(([name, items]) => [name, items.length]));
  return { subdomain, region, now: clock.now(), ...lengths, requests: journal.list().length };
}

/** Everything as at the start: company, clock, apps, tokens, faults, journal, rate limits. Settings stay. */
export function resetAll(core: Core): void {
  core.account.reset();
  core.clock.release();
  core.credentials.reset();
  core.identity.apps.reset();
  core.identity.codes.clear();
  core.faults.clear();
  core.journal.clear();
  core.rateLimiter.reset();
}

function listJournal({ journal }: Core, { query }: Order): unknown {
  if (query.get('writes') === 'true') return journal.writes();
  const { status, ...rest } = Object.fromEntries(query);
  return journal.list({ ...rest, ...(status === undefined ? {} : { status: Number(status) }) } satisfies JournalFilter);
}

function moveClock({ clock }: Core, { body }: Order): unknown {
  const order = clockSchema.parse(body);
  if ('set' in order) clock.set(typeof order.set === 'number' ? order.set : Date.parse(order.set));
  else if ('advanceMs' in order) clock.advance(order.advanceMs);
  else clock.release();
  return { now: clock.now() };
}

function grantUserToken({ credentials, clock, settings }: Core, { body }: Order): unknown {
  const { userId, scopes, id } = userTokenSchema.parse(body);
  const expiresAt = clock.now() + settings.tokenLifetimeSeconds * 1000;
  return { token: credentials.grantUser({ userId, scopes, expiresAt, ...(id === undefined ? {} : { id }) }) };
}
