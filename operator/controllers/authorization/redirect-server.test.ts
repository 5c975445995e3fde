import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aPending, consentSpec } from '../../../test/support/consent-fixtures.ts';
import { now } from '../../../test/support/alias-fixtures.ts';
import { anAlias } from '../../../test/support/builders.ts';
import { createFakeClock } from '../../../test/support/fake-clock.ts';
import { createSeededRandom } from '../../../test/support/seeded-random.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import type { Secret } from '../secrets.ts';
import { encodeChange } from './record.ts';
import { startRedirectServer, type RedirectServer, type RedirectServerOptions } from './redirect-server.ts';

const { uid = '' } = anAlias().metadata;
const url = `https://identity.example.com/?state=${uid}.${'s'.repeat(43)}`;
const alias = anAlias({ spec: consentSpec, status: { account: 'acme (US)', authorization: { state: 'AwaitingConsent', url } } });
const { name, namespace } = alias.metadata;
/** Has run out, so that no vendor is asked. */
const pending = aPending({ state: `${uid}.${'s'.repeat(43)}`, expiresAt: now - 1 });
const secret: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: `${name}-authorization`, namespace: namespace ?? '', uid: 's', resourceVersion: '1', ownerReferences: [{ apiVersion: '', kind: '', name, uid, controller: true }] },
  data: Object.fromEntries(Object.entries(encodeChange({ pending })).filter((entry): entry is [string, string] => entry[1] !== null)),
};
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const unwanted = async (): Promise<never> => Promise.reject(new Error('nothing is to be written'));

function dependencies(): RedirectServerOptions['dependencies'] {
  const client = { get: async () => Promise.resolve(secret), create: unwanted, mergePatch: unwanted };
  const aliases = { list: () => [alias], byIndex: (_index: string, key: string) => (key === uid ? [alias] : []), get: () => alias };
  const rest = { providers: new Map(), clock: createFakeClock(now), random: createSeededRandom(1), logger: silent, metrics: createMetrics(), identity: 'me', createSecret: () => 'x' };
  return { ...rest, client, stores: { aliases } } as unknown as RedirectServerOptions['dependencies'];
}

describe('the redirect server, reached by strangers', () => {
  let server: RedirectServer;

  beforeEach(async () => {
    server = await startRedirectServer({ host: '127.0.0.1', port: 0, dependencies: dependencies(), isReady: () => true, hardSignal: new AbortController().signal });
  });
  afterEach(async () => {
    await server.close();
  });

  const open = async (query: string, from = '192.0.2.1'): Promise<{ status: number; text: string }> => {
    // As an Ingress adds it, whatever the client says itself.
    const response = await fetch(`${server.url}/oauth_redirect.do?${query}`, { headers: { 'x-forwarded-for': `203.0.113.9, ${from}` } });
    return { status: response.status, text: await response.text() };
  };

  it('names alias and account to whoever brings the state, and to nobody else', async () => {
    const withState = await open(`code=c&state=${pending.state}`);
    expect(withState).toMatchObject({ status: 410 });
    expect(withState.text).toContain(`${namespace}/${name}`);
    const without = await open('code=c');
    expect(without).toMatchObject({ status: 410 });
    expect(without.text).not.toContain(name);
    expect(without.text).not.toContain('acme');
  });

  it('a flood of what is no redirect of ours takes nobody’s turn', async () => {
    const strangers = await Promise.all(Array.from({ length: 200 }, async (_, at) => open(`code=c&state=${at}`)));
    expect(new Set(strangers.map(({ status }) => status))).toEqual(new Set([400]));
    expect(await open(`code=c&state=${pending.state}`)).toMatchObject({ status: 410 });
  });

  const flood = async (query: (at: number) => string): Promise<number[]> => (await Promise.all(Array.from({ length: 200 }, async (_, at) => open(query(at), '198.51.100.7')))).map(({ status }) => status);

  it.each([
    ['states that only look like one of the alias', (at: number) => `code=c&state=${uid}.${String(at).padStart(43, 'x')}`],
    ['the very state', (at: number) => `code=${at}&state=${pending.state}`],
    ['no state', (at: number) => `code=${at}`],
  ])('guard 12: a flood with %s takes no turn of the person who comes back with the state', async (_what, query) => {
    expect((await flood(query)).filter((status) => status === 429).length).toBeGreaterThan(150);
    expect(await open(`code=c&state=${pending.state}`)).toMatchObject({ status: 410 });
  });

  it('guard 12: nor, with no state, of one who comes back without', async () => {
    await flood((at) => `code=${at}`);
    expect(await open('code=c')).toMatchObject({ status: 410 });
  });

  it('guard 12: from many places, it causes thirty reads at once for an alias, and no more', async () => {
    const statuses = await Promise.all(Array.from({ length: 200 }, async (_, at) => (await open(`code=${at}&state=${pending.state}`, `198.51.100.${at}`)).status));
    expect(statuses.filter((status) => status === 410).length).toBeLessThanOrEqual(30);
    expect(new Set(statuses)).toEqual(new Set([410, 429]));
  });
});
