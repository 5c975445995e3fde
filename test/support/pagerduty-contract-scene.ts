import { SecretValue } from '../../operator/api/secret-value.ts';
import { createLeapingClock } from './leaping-clock.ts';
import type { ConsentScene, ContractFault, ContractScene, ContractSubject } from './contract-scene.ts';
import { knownActivity, type Latest } from './company-activity.ts';
import { normalisePerson, reclaimScopes } from './reclaim-scene.ts';
import { generateCompany, startSimulator, type AppOptions, type Fault, type Simulator } from '../pagerduty-simulator/index.ts';
import { makePerson } from '../pagerduty-simulator/testing/open-account.ts';
import { consentTo } from '../pagerduty-simulator/testing/consent.ts';
import type { OAuthType } from '../../operator/providers/provider.ts';
import { createPagerDutyProvider } from '../../operator/providers/pagerduty/index.ts';

const now = Date.parse('2026-11-24T09:00:00Z');
const day = 86_400_000;
const clientSecret = 'planted-client-secret-5d1f';
const reclaimerSecret = 'planted-reclaimer-secret-72ab';
// 320 people: four pages, so that pages can go wrong in the middle.
const company = generateCompany({ seed: 4, users: 320, now });
// By their story, which the API does not show; the richer the better for the round trip.
const free = company.users.find((user) => user.story === 'never-on-call' && user.role === 'limited_user' && user.handoffRules !== undefined && user.teams.length > 0)?.id ?? '';
const held = company.users.find((user) => user.story === 'direct-target')?.id;

const faults: Readonly<Record<ContractFault, Fault>> = {
  ServerError: { kind: 'status', status: 503, body: 'html' },
  TooManyRequests: { kind: 'status', status: 429, body: 'empty' },
  Garbage: { kind: 'malformed-json' },
  CutOff: { kind: 'truncate', keepBytes: 60, contentLength: 'whole' },
  Reset: { kind: 'reset', when: 'after-headers' },
  Unauthorized: { kind: 'status', status: 401, body: 'not-json' },
  Forbidden: { kind: 'status', status: 403, body: 'missing-scopes' },
  RepeatedPage: { kind: 'duplicate-page' },
  EarlyEnd: { kind: 'wrong-more' },
};

const redirectURL = 'https://licenses.example.com/oauth_redirect.do';
const allScopes = ['users.read', 'oncalls.read', 'licenses.read', 'teams.read', 'analytics.write', 'audit_records.read', 'incidents.read'];

/** An app of each type that people consent to. */
const consentApps: Readonly<Record<OAuthType, AppOptions & { readonly clientSecret: string }>> = {
  Scoped: { clientId: 'planted-scoped-client-30c9', clientSecret: 'planted-scoped-secret-a2', kind: 'Scoped', scopes: allScopes, redirectUrls: [redirectURL] },
  Classic: { clientId: 'planted-classic-client-81be', clientSecret: 'planted-classic-secret-f6', kind: 'Classic', scopes: ['read'], redirectUrls: [redirectURL] },
};

function openConsent(type: OAuthType, userId: string): ConsentScene {
  const { clientId, clientSecret: secret } = consentApps[type];
  return {
    client: { type, clientId: new SecretValue(clientId), clientSecret: new SecretValue(secret), redirectURL },
    userId,
    role: 'admin',
    decide: async (url, decision) => new URL(await consentTo(url, { person: userId, deny: decision === 'Deny' })),
  };
}

/** What people do by hand at PagerDuty, in the simulator's own state. */
function handsOf({ state }: Simulator): Pick<ContractScene, 'seatFields' | 'hands' | 'handOver' | 'invite'> {
  const full = state.company.licenses.find(({ validRoles }) => validRoles.includes('admin'))?.id ?? '';
  const teams = state.user(free)?.teams ?? [];
  const retie = (role: 'manager' | 'responder') => (id: string) => void state.updateUser(id, { teams: (state.user(id)?.teams ?? []).map(({ teamId }) => ({ teamId, role })) });
  return {
    seatFields: ['role', 'licence'],
    hands: {
      'made an administrator': (id) => void state.updateUser(id, { role: 'admin', licenseId: full }),
      'made the only administrator': (id) => {
        for (const user of state.company.users) if (user.role === 'admin') state.updateUser(user.id, { role: 'user' });
        state.updateUser(id, { role: 'admin', licenseId: full });
      },
      'made an observer': (id) => void state.updateUser(id, { role: 'observer', licenseId: full }),
      'given another role in their teams': (id) => retie(teams[0]?.role === 'manager' ? 'responder' : 'manager')(id),
      'taken out of their teams': (id) => void state.updateUser(id, { teams: [] }),
      renamed: (id) => void state.updateUser(id, { name: 'Nadia Newname' }),
    },
    handOver: (id) => void state.updateUser(id, { name: 'Nora Newcomer', email: 'nora.newcomer@example.com' }),
    invite({ displayName, address }) {
      const id = state.newUserId();
      state.addUser(makePerson(id, { name: displayName, email: address, role: 'observer', licenseId: full, teams: teams.map(({ teamId }) => ({ teamId, role: 'observer' })) }));
      return { id, gave: ['role', 'teams'] };
    },
  };
}

async function open(): Promise<ContractScene> {
  const clock = createLeapingClock(now);
  const simulator = await startSimulator({
    company,
    clock,
    apps: [
      { clientId: 'planted-client-id-77aa', clientSecret, scopes: allScopes },
      { clientId: 'planted-reclaimer-id-09ce', clientSecret: reclaimerSecret, scopes: reclaimScopes },
      ...Object.values(consentApps),
    ],
  });
  const window = { from: now - 60 * day, to: now };
  return {
    clock,
    settings: { subdomain: company.subdomain, endpoints: { api: simulator.url, identity: simulator.url, app: simulator.url } },
    credential: { kind: 'AppToken', clientId: new SecretValue('planted-client-id-77aa'), clientSecret: new SecretValue(clientSecret) },
    secrets: ['planted-client-id-77aa', clientSecret, 'planted-reclaimer-id-09ce', reclaimerSecret, ...Object.values(consentApps).flatMap((app) => [app.clientId, app.clientSecret])],
    personIds: () => simulator.state.company.users.map((user) => user.id),
    window,
    activeIds: () => {
      // By the company's own data, not by the API.
      const known: readonly Latest[] = Object.values(knownActivity(simulator.state.company, window));
      return Array.from(new Set(known.flatMap((latest) => Array.from(latest).flatMap(([id, at]) => (at >= window.from ? [id] : [])))));
    },
    requests: () => simulator.journal.list().map((entry) => ({ method: entry.method, write: entry.method !== 'GET' && !/^\/(oauth|analytics)\//.test(entry.route) })),
    spoil(fault, answers) {
      const paged = fault === 'RepeatedPage' || fault === 'EarlyEnd';
      // The second page of people is where these two do harm.
      simulator.faults.add({
        fault: faults[fault],
        count: answers === 'All' ? null : 1,
        ...(paged ? { route: '/users', where: { offset: '100' } } : { skip: answers === 'All' ? 0 : 1 }),
      });
    },
    hang() {
      const id = simulator.faults.add({ delayMs: 3_600_000, count: null });
      return () => simulator.faults.list().find((rule) => rule.id === id)?.applied ?? 0;
    },
    reclaimable: free,
    held,
    reclaimer: { kind: 'AppToken', clientId: new SecretValue('planted-reclaimer-id-09ce'), clientSecret: new SecretValue(reclaimerSecret) },
    normalise(id) {
      const person = simulator.state.user(id);
      return person === undefined ? undefined : normalisePerson(person, simulator.state.company);
    },
    ...handsOf(simulator),
    loseNextWrite(isCarriedOut) {
      const fault: Fault = { kind: 'reset', when: isCarriedOut ? 'before-headers' : 'before-processing' };
      for (const method of ['DELETE', 'PUT']) simulator.faults.add({ method, fault });
    },
    consent: (type) => openConsent(type, simulator.state.company.users.find((user) => user.role === 'admin')?.id ?? ''),
    [Symbol.asyncDispose]: () => simulator.stop(),
  };
}

/** PagerDuty with its simulator, as the contract suite asks of every provider. */
export const pagerDutySubject: ContractSubject = { create: () => createPagerDutyProvider(), open, consentTypes: ['Scoped', 'Classic'] };
