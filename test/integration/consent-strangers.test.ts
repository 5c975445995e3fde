import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aliasManifests, openAliasScene, type AliasScene } from './alias-scene.ts';
import { conditionOf } from './story.ts';

/** What somebody sends who knows the state, as anybody does who may read the alias, before the person comes back. */
describe('guard 12: a consent that is under way', () => {
  let scene: AliasScene;
  let count = 0;

  beforeAll(async () => {
    scene = await openAliasScene('strangers');
    await scene.apply(aliasManifests(scene).secret());
  });

  afterAll(async () => scene.close());

  afterEach(() => {
    scene.pagerduty.faults.clear();
    Object.assign(scene.pagerduty.settings, { idToken: true, echoState: true });
  });

  async function freshAlias(): Promise<string> {
    count += 1;
    const name = `alias-${count}`;
    const { alias, profile } = aliasManifests(scene);
    await scene.apply(alias({}, name), profile({ connectionAliasRef: { name } }, name));
    await scene.start().pass(name);
    return name;
  }

  const urlOf = async (name: string): Promise<string> => (await scene.alias(name)).status?.authorization?.url ?? '';

  /** A redirect that the vendor never made, with the state of status. */
  async function forge(name: string, query: string): Promise<string> {
    const state = new URL(await urlOf(name)).searchParams.get('state') ?? '';
    return `http://127.0.0.1:9/oauth_redirect.do?${query}&state=${state}`;
  }

  async function expectConnected(name: string): Promise<void> {
    await scene.start().pass(name);
    const alias = await scene.alias(name);
    expect([conditionOf(alias, 'Ready'), conditionOf(alias, 'AccountMatch'), alias.status?.authorization?.state]).toEqual(['True Connected', 'True AccountMatches', 'Authorized']);
    expect(alias.status?.authorization?.url).toBeUndefined();
    expect(await scene.isTokenTaken(name)).toBe(true);
  }

  it.each([
    ['a code that is not of this consent', 'code=foreign', 'Failed'],
    ['a denial', 'error=access_denied', 'Denied'],
    ['another error', 'error=server_error', 'Failed'],
  ])('S62, S63: is not ended by %s, though the operator takes a pass in between', async (_what, query, kind) => {
    const name = await freshAlias();
    const location = await scene.consent(name);
    const before = await urlOf(name);
    for (let times = 0; times < 20; times += 1) expect(await scene.start().complete(await forge(name, `${query}${times === 0 || query.startsWith('error') ? '' : times}`), name)).toBe(kind);
    await scene.start().pass(name);
    expect(await urlOf(name)).toBe(before);
    expect(await scene.start().complete(location, name)).toBe('Authorized');
    await expectConnected(name);
  });

  it('S63: is not ended by foreign codes that are tried at the same moment, on other replicas', async () => {
    const name = await freshAlias();
    const location = await scene.consent(name);
    const foreign = await Promise.all(Array.from({ length: 4 }, async (_, at) => forge(name, `code=foreign-${at}`)));
    const kinds = await Promise.all([...foreign.slice(0, 2), location, ...foreign.slice(2)].map(async (each) => scene.start().complete(each, name)));
    expect(kinds.splice(2, 1)).toEqual(['Authorized']);
    // One that comes after it finds the state spent.
    expect(['Failed', 'Replayed']).toEqual(expect.arrayContaining(kinds));
    await expectConnected(name);
  });

  it.each([true, false])('S61: is not ended by somebody who consents for another account, whether the reply tells the account (%s) or the vendor has to be asked', async (idToken) => {
    scene.pagerduty.settings.idToken = idToken;
    const name = await freshAlias();
    const location = await scene.consent(name);
    expect(await scene.start().complete(await scene.consentElsewhere(name), name)).toBe('AccountMismatch');
    await scene.start().pass(name);
    expect(conditionOf(await scene.alias(name), 'AccountMatch')).toBe('False AccountMismatch');
    expect(await scene.start().complete(location, name)).toBe('Authorized');
    await expectConnected(name);
  });

  it('S61: is not lost to such a one while nobody can be asked for the accounts: both wait, and the right one is kept', async () => {
    scene.pagerduty.settings.idToken = false;
    const name = await freshAlias();
    const location = await scene.consent(name);
    const elsewhere = await scene.consentElsewhere(name);
    scene.pagerduty.faults.add({ route: '/users/me', count: null, fault: { kind: 'status', status: 503 } });
    for (const each of [elsewhere, location]) expect(await scene.start().complete(each, name)).toBe('Checking');
    await scene.start().pass(name);
    expect(conditionOf(await scene.alias(name), 'Authorized')).toBe('Unknown AccountNotChecked');
    expect(await scene.secret(`${name}-token`)).toEqual({});
    scene.pagerduty.faults.clear();
    scene.clock.advance(3_600_000);
    await scene.start().pass(name);
    await expectConnected(name);
  });

  it('T7: a code that was taken once is not taken twice, nor is another one after it', async () => {
    const name = await freshAlias();
    const location = await scene.consent(name);
    const another = await scene.consent(name);
    const before = scene.tokenCalls('authorization_code');
    const kinds = await Promise.all([location, location, location].map(async (each) => scene.start().complete(each, name)));
    expect(kinds.toSorted()).toEqual(['Authorized', 'Replayed', 'Replayed']);
    expect(await scene.start().complete(another, name)).toBe('Replayed');
    expect(scene.tokenCalls('authorization_code') - before).toBe(1);
  });

  it('T7: of two consents for the account that come at the same moment one is kept', async () => {
    const name = await freshAlias();
    const locations = [await scene.consent(name), await scene.consent(name)];
    const kinds = await Promise.all(locations.map(async (each) => scene.start().complete(each, name)));
    expect(kinds.toSorted()).toEqual(['Authorized', 'Replayed']);
    await expectConnected(name);
  });

  it('facts 11: without a state, is not ended by any number of codes', async () => {
    scene.pagerduty.settings.echoState = false;
    const name = await freshAlias();
    const location = await scene.consent(name);
    for (let times = 0; times < 20; times += 1) expect(await scene.start().complete(`http://127.0.0.1:9/oauth_redirect.do?code=foreign-${times}`, name)).toBe('Unknown');
    expect(await scene.start().complete(location, name)).toBe('Authorized');
    await expectConnected(name);
  });

  it('survives a vendor that is away: the person reloads the page', async () => {
    const name = await freshAlias();
    const location = await scene.consent(name);
    scene.pagerduty.faults.add({ method: 'POST', route: '/oauth/token', count: null, fault: { kind: 'status', status: 503 } });
    for (let times = 0; times < 2; times += 1) expect(await scene.start().complete(location, name)).toBe('VendorUnavailable');
    scene.pagerduty.faults.clear();
    expect(await scene.start().complete(location, name)).toBe('Authorized');
    await expectConnected(name);
  });
});
