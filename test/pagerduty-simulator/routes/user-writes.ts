import { z } from 'zod';
import { listPlaces } from '../account/blockers.ts';
import { chooseLicense } from '../account/seats.ts';
import { demandAdmin } from '../auth/credentials.ts';
import type { License, Person, Role } from '../company/company.ts';
import { isStakeholder } from '../company/making.ts';
import { readJson } from '../http/body.ts';
import type { Call, Route } from '../http/call.ts';
import type { Reply } from '../http/replies.ts';
import { accessDenied, apiError, invalidInput, json, missingAbility, missingArguments, notFound, refuse } from '../http/replies.ts';
import { recordChange } from './changes.ts';
import { renderUser } from './render-user.ts';

const common = { scope: 'users.write', userWrite: true } as const;

export const userWriteRoutes: readonly Route[] = [
  { ...common, method: 'POST', pattern: '/users', handle: createUser },
  { ...common, method: 'PUT', pattern: '/users/{id}', handle: updateUser },
];

const roles = z.enum(['owner', 'admin', 'user', 'limited_user', 'observer', 'restricted_access', 'read_only_user', 'read_only_limited_user']);
const wish = z.object({
  user: z.object({
    type: z.literal('user').optional(),
    name: z.string().min(1).max(100).optional(),
    email: z.email().min(6).max(100).optional(),
    role: roles.optional(),
    time_zone: z.string().optional(),
    color: z.string().optional(),
    job_title: z.string().max(100).nullable().optional(),
    description: z.string().nullable().optional(),
    license: z.object({ id: z.string() }).optional(),
  }),
});
type Wish = z.infer<typeof wish>['user'];

/** Changes somebody; a role or licence that does not go is 400 (facts 5.4). */
function updateUser(call: Call): Reply {
  const { account } = call;
  const denied = demandAdmin(call.credential, account, 'Cannot change users');
  if (denied !== undefined) return apiError(denied);
  const user = account.user(call.params['id'] ?? '') ?? refuse(notFound);
  const { user: wished } = readJson(call, wish);
  demandFields(wished, call.settings.putUserNeeds === 'nothing' ? [] : ['name', 'email', 'type']);
  demandFreeEmail(call, wished.email, user.id);
  const change = { ...readPlain(wished), ...readRole(call, user, wished) };
  const changed = account.updateUser(user.id, change);
  const fields = user.role === changed.role ? [] : [{ name: 'role', value: changed.role, before: user.role }];
  recordChange(call, { action: 'update', root: { type: 'users', id: user.id, name: changed.name }, fields });
  return json({ user: renderUser(account, changed, new Set()) });
}

/** Invites somebody (facts 1.8, 3.1): `From` must be the address of a user. */
function createUser(call: Call): Reply {
  const { account, now } = call;
  const denied = demandAdmin(call.credential, account, 'Cannot create users');
  if (denied !== undefined) return apiError(denied);
  demandFrom(call);
  const { user: wished } = readJson(call, wish);
  demandFields(wished, ['name', 'email', 'type']);
  demandFreeEmail(call, wished.email, undefined);
  const { name = '', email = '', role = 'limited_user' } = wished;
  if (role === 'owner') refuse(notGiven);
  const license = findLicense(call, { role, wanted: wished.license?.id });
  const made = { id: account.newUserId(), name, email, role, licenseId: license.id, allocatedAt: now, createdAt: now };
  const user: Person = { ...BLANK, ...readPlain(wished), ...made };
  account.addUser(user);
  recordChange(call, { action: 'create', root: { type: 'users', id: user.id, name }, fields: [{ name: 'role', value: role, before: null }] });
  return json({ user: renderUser(account, user, new Set()) }, 201);
}

const BLANK = {
  timeZone: 'America/New_York',
  color: 'purple',
  jobTitle: null,
  description: null,
  invitationSent: true,
  createdViaSso: false,
  teams: [],
  webSignIns: [],
  mobileSignIns: [],
  story: 'pending-invitation',
} as const;

const notGiven = invalidInput('The role of the owner cannot be given.');

function demandFields(wished: Wish, names: readonly (keyof Wish)[]): void {
  const missing = names.filter((name) => wished[name] === undefined);
  if (missing.length > 0) refuse(invalidInput(...missing.map((name) => `${name} cannot be empty.`)));
}

function demandFreeEmail({ account }: Call, email: string | undefined, own: string | undefined): void {
  const taken = email !== undefined && account.company.users.some((user) => user.id !== own && user.email.toLowerCase() === email.toLowerCase());
  if (taken) refuse(invalidInput('Email has already been taken'));
}

function demandFrom({ account, credential, from, settings }: Call): void {
  if (settings.fromHeader === 'account-level' && credential.userId !== undefined) return;
  if (from === undefined || from === '') refuse(missingArguments('The header From is needed.'));
  if (!account.company.users.some(({ email }) => email.toLowerCase() === from.toLowerCase())) refuse(invalidInput('From is not the address of a user.'));
}

function readPlain({ name, email, time_zone: timeZone, color, job_title: jobTitle, description }: Wish): Partial<Person> {
  const values = { name, email, timeZone, color, jobTitle, description };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Role and licence go together: the backend chooses where none is named (facts 5.4). */
function readRole(call: Call, user: Person, { role, license }: Wish): Partial<Person> {
  demandNoOwner(user, role);
  if (role === undefined && license === undefined) return {};
  const next = role ?? user.role;
  const chosen = findLicense(call, { role: next, wanted: license?.id, current: user.licenseId });
  if (isStakeholder(next) && !isStakeholder(user.role)) demandOffCall(call, user);
  return { role: next, teams: teamsAs(next, user), licenseId: chosen.id, allocatedAt: chosen.id === user.licenseId ? user.allocatedAt : call.now };
}

/** The owner stays the owner, and nobody else becomes it (facts 3.2). */
function demandNoOwner(user: Person, role: Role | undefined): void {
  if (role !== undefined && user.role === 'owner') refuse(accessDenied());
  if (role === 'owner') refuse(notGiven);
}

/** Stakeholders hold no role in a team (facts 5.4). */
function teamsAs(role: Role, { teams }: Person): Person['teams'] {
  return isStakeholder(role) ? teams.map(({ teamId }) => ({ teamId, role: 'observer' })) : teams;
}

function findLicense(call: Call, { role, wanted, current }: { role: Role; wanted: string | undefined; current?: string }): License {
  demandRolePlan(call, role);
  return chooseLicense(call.account, { role, wanted, current }) ?? refuse(invalidInput('License error: License is not available'));
}

function demandRolePlan({ account, settings }: Call, role: Role): void {
  const advanced = role === 'observer' || role === 'restricted_access';
  if (isStakeholder(role) ? !account.company.abilities.includes('read_only_users') : advanced && !settings.planHasAdvancedPermissions) refuse(missingAbility());
}

/** Whether this is refused is not known: a setting (facts 5.4, 11). */
function demandOffCall({ account, settings, now }: Call, user: Person): void {
  if (settings.stakeholderOnCall === 'accept') return;
  const places = listPlaces(account, user.id, { now, settings });
  if (places.length > 0) refuse(invalidInput(...places.map(({ kind }) => (kind === 'schedule' ? 'Stakeholders cannot be added to schedules' : 'Stakeholders cannot be on escalation policies'))));
}
