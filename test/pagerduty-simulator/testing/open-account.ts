import type { CompanyState, License, Person, Simulator, SimulatorOptions } from '../index.ts';
import { startSimulator } from '../index.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

export const NOW = '2026-11-24T09:00:00Z';
export const READ_SCOPES = ['users.read', 'licenses.read', 'teams.read', 'abilities.read', 'oncalls.read', 'schedules.read', 'escalation_policies.read'];
export const ACTIVITY_SCOPES = ['incidents.read', 'audit_records.read', 'analytics.write', 'oauth_delegations.read'];
export const WRITE_SCOPES = ['users.write', 'teams.write', 'oauth_delegations.write', 'users:contact_methods.read', 'users:contact_methods.write'];

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
  readonly body: T;
}

export interface TestAccount extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly clock: FakeClock;
  /** With the full account key unless told otherwise. */
  get<T = unknown>(path: string, authorization?: string | null): Promise<Answer<T>>;
  send(method: string, path: string, options?: { authorization?: string; body?: unknown; from?: string }): Promise<Answer<unknown>>;
  requestToken(form: Record<string, string>): Promise<Answer<TokenAnswer>>;
  /** `Bearer …` of the test's app. */
  bearer(...scopes: string[]): Promise<string>;
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly scope: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly error: string;
  readonly error_description: string;
}

export const FULL_KEY = 'Token token=full-key';
export const READ_KEY = 'Token token=read-key';
export const ACCOUNT_SCOPE = 'as_account-us.acme-example';

/** A simulator on loopback that is gone at the end of the block (`await using`), with a clock that stands still. */
export async function openAccount(options: Partial<SimulatorOptions> = {}): Promise<TestAccount> {
  const clock = createFakeClock(NOW);
  const simulator = await startSimulator({
    company: makeCompany(),
    clock,
    apps: [{ clientId: 'client', clientSecret: 'secret', scopes: [...READ_SCOPES, ...ACTIVITY_SCOPES] }],
    apiKeys: [{ key: 'full-key' }, { key: 'read-key', access: 'read-only' }],
    ...options,
  });
  const tokenForm = { grant_type: 'client_credentials', client_id: 'client', client_secret: 'secret' };

  async function requestToken(form: Record<string, string>): Promise<Answer<TokenAnswer>> {
    const body = new URLSearchParams({ ...tokenForm, ...form });
    return await read(await fetch(`${simulator.url}/oauth/token`, { method: 'POST', body }));
  }

  return {
    simulator,
    clock,
    async get<T>(path: string, authorization: string | null = FULL_KEY) {
      return await read<T>(await fetch(simulator.url + path, { headers: authorization === null ? {} : { authorization } }));
    },
    async send(method, path, { authorization = FULL_KEY, body, from } = {}) {
      const init = body === undefined ? {} : { body: JSON.stringify(body) };
      return await read(await fetch(simulator.url + path, { method, headers: from === undefined ? { authorization } : { authorization, from }, ...init }));
    },
    requestToken,
    async bearer(...scopes) {
      const { body } = await requestToken({ scope: [ACCOUNT_SCOPE, ...scopes].join(' ') });
      return `Bearer ${body.access_token}`;
    },
    [Symbol.asyncDispose]: () => simulator.stop(),
  };
}

async function read<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) as T };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const FULL_LICENSE: License = {
  id: 'PLFULL1',
  name: 'Business (Full User)',
  description: '',
  validRoles: ['owner', 'admin', 'user', 'limited_user', 'observer', 'restricted_access'],
  roleGroup: 'FullUser',
  seats: 10,
};

export const STAKEHOLDER_LICENSE: License = {
  id: 'PLSTAKE',
  name: 'Limited Stakeholder',
  description: '',
  validRoles: ['read_only_user', 'read_only_limited_user'],
  roleGroup: 'Stakeholder',
  seats: null,
};

export function makePerson(id: string, patch: Partial<Person> = {}): Person {
  return {
    id,
    name: `Person ${id}`,
    email: `${id.toLowerCase()}@example.com`,
    role: 'limited_user',
    timeZone: 'Etc/UTC',
    color: 'teal',
    jobTitle: null,
    description: null,
    invitationSent: false,
    createdViaSso: false,
    teams: [],
    licenseId: FULL_LICENSE.id,
    allocatedAt: Date.parse('2025-01-15T12:00:00Z'),
    createdAt: Date.parse('2025-01-10T12:00:00Z'),
    webSignIns: [],
    mobileSignIns: [],
    story: 'never-on-call',
    ...patch,
  };
}

export function makeCompany(patch: Partial<CompanyState> = {}): CompanyState {
  return {
    subdomain: 'acme-example',
    region: 'us',
    timeZone: 'America/Chicago',
    users: [
      makePerson('POWNER1', { role: 'owner', name: 'Ada Owner' }),
      makePerson('PRESP01', { name: 'Bela Responder' }),
      makePerson('POBSERV', { role: 'observer', name: 'Ciro Observer' }),
      makePerson('PSTAKE1', { role: 'read_only_user', name: 'Dara Stakeholder', licenseId: STAKEHOLDER_LICENSE.id }),
    ],
    teams: [],
    licenses: [FULL_LICENSE, STAKEHOLDER_LICENSE],
    schedules: [],
    shiftSchedules: [],
    policies: [],
    abilities: ['teams', 'read_only_users'],
    missingAbilities: ['urgencies'],
    incidents: [],
    auditRecords: [],
    ...patch,
  };
}

export function manyPeople(count: number): Person[] {
  return Array.from({ length: count }, (_, index) => makePerson(`P${String(index).padStart(6, '0')}`));
}
