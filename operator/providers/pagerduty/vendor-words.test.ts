import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { gather } from '../../../test/support/contract-scene.ts';
import { echo, echoing, echoStatuses, places, type Echo, type Place } from '../../../test/support/echo-vendor.ts';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { createSession } from '../../../test/support/provider-session.ts';
import { startVendorStub } from '../../../test/support/vendor-stub.ts';
import { findShown, spellings } from '../../../test/support/spell-secret.ts';
import { createSimulator, simulatorTransport } from '../../../test/pagerduty-simulator/index.ts';
import { NOW } from '../../../test/pagerduty-simulator/testing/open-account.ts';
import { makeStaff } from '../../../test/pagerduty-simulator/testing/write-scene.ts';
import { SecretValue } from '../../api/secret-value.ts';
import { createLogger } from '../../telemetry/logger.ts';
import type { ConnectedToken, ConsentFlow, Provider, Session } from '../provider.ts';
import type { ReclaimVerbs } from '../reclaim.ts';
import { createPagerDutyProvider } from './index.ts';
import type { Transport, VendorCall } from './transport.ts';

/** Names of what talks to the vendor: everything of the contract that is not answered at once. */
type VerbsOf<T> = { [Name in keyof T]: T[Name] extends (...given: never[]) => Promise<unknown> | AsyncIterable<unknown> ? Name : never }[keyof T];
type Verb = (scene: Scene) => Promise<unknown>;

interface Scene {
  readonly provider: Provider;
  readonly session: Session;
}

const planted = { apiKey: 'y_NbAkKc66+ryYTW/UXYEu&"<9>', plainKey: 'q_zmwkkc66ryytwuxyeu', client: 'pdus+_0XBPWQQ_2ef5a9c1-d7e4', code: 'pdac-7Hq2/KfZr9+eM41', verifier: 'V'.repeat(3) + 'x9Kq-_zR27mLw5TtYb0cNe6GhJ4aSdFgPoIuQ8', refresh: 'rt.8d1f~Qw_77-zzPPa0c' } as const;
const issued = { access: 'at_Zm9vYmFy-issued-31', refresh: 'rt_issued+77/Qm0x' };
const secrets = [...Object.values(planted), ...Object.values(issued)];

const client = { type: 'Scoped', clientId: new SecretValue('client-id'), clientSecret: new SecretValue(planted.client), redirectURL: 'https://licenses.example.com/oauth_redirect.do', scopes: ['users.read'] } as const;
const person = { externalUserId: 'PFREE01', person: { displayName: 'Person PFREE01', address: 'pfree01@example.com' } };
const remove = { ...person, action: 'Remove' } as const;
const downgrade = { ...person, action: 'Downgrade', downgradeTo: { role: 'read_only_user' } } as const;

/** Every verb of the contract: a new one does not compile until it is here. */
const verbs: { readonly [Name in VerbsOf<Omit<Provider, 'consent' | 'reclaim'>>]: readonly Verb[] } & { readonly [Name in `consent.${VerbsOf<ConsentFlow>}`]: readonly Verb[] } & {
  readonly [Name in `reclaim.${VerbsOf<ReclaimVerbs>}`]: readonly Verb[];
} = {
  connect: [async ({ provider, session }) => provider.connect({ credential: { kind: 'AppToken', clientId: client.clientId, clientSecret: client.clientSecret }, requiredScopes: ['users.read'], optionalScopes: ['oncalls.read'] }, session)],
  validate: [async ({ provider, session }) => provider.validate(['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription'], session)],
  download: [async ({ provider, session }) => gather(provider.download(session))],
  activity: [async ({ provider, session }) => gather(provider.activity(provider.signals.map(({ name }) => ({ signal: name, window: { from: Date.parse(NOW) - 5 * 86_400_000, to: Date.parse(NOW) } })), session))],
  'consent.exchange': [async ({ provider, session }) => provider.consent.exchange({ ...client, code: new SecretValue(planted.code), codeVerifier: new SecretValue(planted.verifier) }, session)],
  'consent.refresh': [async ({ provider, session }) => provider.consent.refresh({ ...client, refreshToken: new SecretValue(planted.refresh) }, session)],
  'consent.identify': [async ({ provider, session }) => provider.consent.identify(session)],
  'reclaim.inspect': [async ({ provider, session }) => provider.reclaim.inspect({ externalUserId: 'PRESP01', evidenceTo: session.clock.now() - 86_400_000, action: 'Remove', protectedTags: ['keep'] }, session)],
  'reclaim.act': [async ({ provider, session }) => provider.reclaim.act(remove, session), async ({ provider, session }) => provider.reclaim.act(downgrade, session)],
  'reclaim.readBack': [async ({ provider, session }) => provider.reclaim.readBack(downgrade, session)],
  'reclaim.look': [async ({ provider, session }) => provider.reclaim.look('PFREE01', session)],
  'reclaim.restore': [remove, downgrade].map((request) => async ({ provider, session }) => {
    const clean = open().scene;
    const found = await clean.provider.reclaim.inspect({ ...request, evidenceTo: session.clock.now(), protectedTags: [] }, clean.session);
    if (found.kind !== 'Found') throw new Error('nobody to inspect');
    await provider.reclaim.act(request, session);
    return provider.reclaim.restore(found.bundle, found.person, session);
  }),
};

interface Opened {
  readonly scene: Scene;
  /** Lets some answers repeat the secrets of their requests from now on. */
  echoOn: (choose: (call: VendorCall) => Echo | undefined) => void;
  readonly keys: () => readonly string[];
  readonly echoed: () => number;
  /** All that a verb shows, and what is logged of it. */
  readonly shown: (result: unknown) => string;
}

const keyOf = ({ method, url }: VendorCall): string => `${method} ${new URL(url).pathname}`;

function open(apiKey: string = planted.apiKey): Opened {
  const clock = createLeapingClock(NOW);
  const company = makeStaff();
  const simulator = createSimulator({ company, clock, settings: { perMinute: 1e9, oncallsPerMinute: 1e9 }, apiKeys: [{ key: apiKey }] });
  const keys: string[] = [];
  let echoed = 0;
  let choose: (call: VendorCall) => Echo | undefined = () => undefined;
  const vendor: Transport = async (call) => (keyOf(call).endsWith('/oauth/token') ? issueTokens() : simulatorTransport(simulator)(call));
  const transport: Transport = async (call) => {
    keys.push(keyOf(call));
    return echoing(vendor, (one) => {
      const chosen = choose(one);
      if (chosen !== undefined) echoed += 1;
      return chosen;
    })(call);
  };
  const provider = createPagerDutyProvider({ transport });
  const settings = { subdomain: company.subdomain, endpoints: { api: simulator.url, identity: simulator.url, app: simulator.url } };
  const session = createSession({ settings, clock, token: apiKey, scheme: 'ApiToken', scopes: undefined });
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', now: () => 0, destination: { write: (line) => lines.push(line) } });
  return {
    scene: { provider, session },
    echoOn: (next) => void (choose = next),
    keys: () => [...new Set(keys)],
    echoed: () => echoed,
    shown(result) {
      logger.debug({ err: result, result, text: typeof result === 'object' ? JSON.stringify(result) : '' }, 'Ended');
      for (const request of session.requests) logger.debug({ ...request }, 'Request');
      const stack = result instanceof Error ? `${result.message}\n${result.stack ?? ''}` : '';
      const told = JSON.stringify(session.requests.splice(0)) + lines.splice(0).join('\n');
      return [inspect(result, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null }), JSON.stringify(result), stack, told].join('\n');
    },
  };
}

function issueTokens(): Awaited<ReturnType<Transport>> {
  const body = JSON.stringify({ access_token: issued.access, refresh_token: issued.refresh, expires_in: 3600, token_type: 'bearer', scope: 'users.read oncalls.read' });
  return { kind: 'Reply', status: 200, headers: {}, body };
}

async function end(work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: unknown) => error);
}

const tried = { answers: 0 };

describe('guard 7: a vendor that repeats what it was sent', () => {
  for (const [name, ways] of Object.entries(verbs)) {
    it(`${name}: nothing secret leaves the provider, whichever of its requests is answered so, and how`, async () => {
      for (const verb of ways) {
        const clean = open();
        await end(verb(clean.scene));
        expect(clean.keys().length).toBeGreaterThan(0);
        for (const key of clean.keys()) await tryAll(verb, key);
      }
    });
  }

  async function tryAll(verb: Verb, key: string): Promise<void> {
    const names = Object.keys(places) as Place[];
    for (const status of echoStatuses) {
      // The places in turn: their number and that of the statuses have no divisor in common.
      const place = names[tried.answers % names.length] ?? 'headers';
      // Every spelling of a key with odd characters, and a key that could be an id of a request or a scope.
      const alike = { 400: 'headers', 403: 'scopes' }[status as number] as Place | undefined;
      for (const [apiKey, said] of [[planted.apiKey, { place }] as const, ...(alike === undefined ? [] : [[planted.plainKey, { place: alike, spelled: ['plain'] }] as const])]) {
        const { scene, echoOn, shown, echoed } = open(apiKey);
        echoOn((call) => (keyOf(call) === key ? { status, ...said } : undefined));
        const result = await end(verb(scene));
        expect([key, status, place, findShown(shown(result), secrets)]).toEqual([key, status, place, []]);
        expect(echoed()).toBeGreaterThan(0);
      }
      tried.answers += 1;
    }
  }

  it.each(Object.keys(places) as Place[])('a refused DELETE and PUT that repeats it in %s, in each spelling alone', async (place) => {
    const { scene, echoOn, shown } = open();
    for (const spelled of Object.keys(spellings)) {
      // Refused, locked or in conflict, and too fast: each is read in its own way.
      for (const status of [400, 409, 429]) {
        echoOn(() => ({ status, place, spelled: [spelled] }));
        for (const verb of verbs['reclaim.act']) expect([spelled, status, findShown(shown(await end(verb(scene))), secrets)]).toEqual([spelled, status, []]);
      }
    }
  });

  it.each([301, 302, 303, 307, 308])('a redirect of %i leads no verb, and no credential, to another host', async (status) => {
    await using other = await startVendorStub(() => ({ json: {} }));
    await using vendor = await startVendorStub(() => ({ status, headers: { location: `${other.address}/oauth/token` }, text: '' }));
    const { scene } = open();
    const settings = { subdomain: 'acme', endpoints: { api: vendor.address, identity: vendor.address, app: vendor.address } };
    for (const verb of Object.values(verbs).flat()) await end(verb({ provider: createPagerDutyProvider(), session: { ...scene.session, settings } }));
    expect(new Set(vendor.journal.map(({ method }) => method))).toEqual(new Set(['GET', 'POST', 'PUT', 'DELETE']));
    expect(other.journal).toEqual([]);
  });

  it('is heard all the same: its code and its words, but for the secret', async () => {
    const { scene, echoOn } = open();
    echoOn(() => ({ status: 400, place: 'error.message', spelled: ['as PagerDuty’s own scheme'] }));
    expect(await scene.provider.reclaim.act(remove, scene.session)).toMatchObject({ kind: 'Refused', words: ['Token token=[secret].'] });
  });

  it('facts that hold it are facts without it', async () => {
    const { scene, echoOn } = open();
    echoOn((call) => (call.url.includes('/users?') ? { status: 200, place: 'error.message' } : undefined));
    expect(findShown(inspect(await end(gather(scene.provider.download(scene.session))), { depth: 20 }), secrets)).toEqual([]);
  });

  it('a token reply that repeats them beside the tokens shows them neither as scopes nor as who consented', async () => {
    const { scene, shown } = open();
    // What these verbs send, and what comes back.
    const sent = { 'consent.exchange': [planted.client, planted.code, planted.verifier], 'consent.refresh': [planted.client, planted.refresh], connect: [planted.client] } as const;
    const claims = Buffer.from(JSON.stringify({ aud: 'client-id', exp: Date.parse(NOW) / 1000 + 3600, user_id: issued.access, subdomain: 'acme', region: 'us' })).toString('base64url');
    const reply = (said: readonly string[]) => ({ access_token: issued.access, refresh_token: issued.refresh, expires_in: 3600, token_type: 'bearer', scope: `users.read ${said.join(' ')}`, id_token: `e30.${claims}.sig` });
    for (const [name, own] of Object.entries(sent)) {
      const said = [...own, ...Object.values(issued)];
      const provider = createPagerDutyProvider({ transport: async () => ({ kind: 'Reply', status: 200, headers: {}, body: JSON.stringify(reply(said)) }) });
      const result = await verbs[name as keyof typeof sent][0]?.({ ...scene, provider });
      expect(findShown(shown(result), said)).toEqual([]);
      expect(result).toMatchObject({ token: { scopes: ['users.read'] } });
      expect((result as ConnectedToken).token.value.reveal()).toBe(issued.access);
      if ('identity' in (result as object)) expect(result).toMatchObject({ identity: undefined, refreshToken: new SecretValue(issued.refresh) });
    }
  });

  it('the test would notice', () => {
    const call: VendorCall = { method: 'DELETE', url: 'https://x.example/users/P1', headers: { authorization: `Token token=${planted.apiKey}` }, signal: new AbortController().signal, striker: undefined as never };
    for (const place of Object.keys(places) as Place[]) {
      for (const spelled of Object.keys(spellings)) {
        const reply = echo(call, { status: 400, place, spelled: [spelled] });
        if (place === 'pieces of a list') continue;
        expect([place, spelled, findShown(JSON.stringify(reply.headers) + reply.body, secrets)]).toEqual([place, spelled, [planted.apiKey]]);
      }
    }
  });
});
