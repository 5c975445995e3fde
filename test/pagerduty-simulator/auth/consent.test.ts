import { describe, expect, it } from 'vitest';
import { consentTo } from '../testing/consent.ts';
import { makeCompany } from '../testing/open-account.ts';
import { openOAuth, REDIRECT } from '../testing/oauth-scene.ts';

const CLASSIC = { client_id: 'classic-client', scope: 'read', code_challenge: undefined, code_challenge_method: undefined };

async function open(url: string): Promise<{ status: number; location: string | null; text: string; type: string | null }> {
  const response = await fetch(url, { redirect: 'manual' });
  return { status: response.status, location: response.headers.get('location'), text: await response.text(), type: response.headers.get('content-type') };
}

function answerIn(location: string | null): Record<string, string> {
  return Object.fromEntries(new URL(location ?? '').searchParams);
}

describe('the consent page', () => {
  it('S62: asks to authorize the app by its name, with the scopes, the accounts and people to choose from', async () => {
    await using pd = await openOAuth();
    const page = await open(pd.authorizationUrl());
    expect([page.status, page.type]).toEqual([200, 'text/html; charset=utf-8']);
    for (const part of ['<h1>Authorize Licence &lt;operator&gt; &amp; friends</h1>', 'users.read', 'licenses.read', 'padmin1@example.com', 'globex-example']) {
      expect(page.text).toContain(part);
    }
    expect(page.text).toMatch(/<button name="decision" value="consent">Submit Consent<\/button>\s*<button name="decision" value="deny" formnovalidate>Deny</);
  });

  it('S62: Submit Consent leads back with a code and the state', async () => {
    await using pd = await openOAuth();
    const location = await consentTo(pd.authorizationUrl(), { person: 'padmin1@example.com' });
    expect(location.startsWith(`${REDIRECT}?`)).toBe(true);
    expect(answerIn(location)).toEqual({ code: expect.stringMatching(/^[\w-]{20,}$/) as unknown, state: 'state-of-the-test' });
  });

  it('S62: Deny leads back with the documented error', async () => {
    await using pd = await openOAuth();
    const location = await consentTo(pd.authorizationUrl(), { person: '', deny: true });
    expect(location).toBe(
      `${REDIRECT}?error=access_denied&error_description=The+resource+owner+or+authorization+server+denied+the+request.&state=state-of-the-test`,
    );
  });

  it('facts 1.3: keeps the query that a redirect URL came with', async () => {
    await using pd = await openOAuth();
    const location = await consentTo(pd.authorizationUrl({ redirect_uri: 'http://127.0.0.1:8085/callback?from=laptop' }), { person: 'PADMIN1' });
    expect(location).toMatch(/^http:\/\/127\.0\.0\.1:8085\/callback\?from=laptop&code=[\w-]+&state=state-of-the-test$/);
  });

  it('facts 11: state may not come back', async () => {
    await using pd = await openOAuth({ settings: { echoState: false } });
    expect(Object.keys(answerIn(await consentTo(pd.authorizationUrl(), { person: 'PADMIN1' })))).toEqual(['code']);
    expect(answerIn(await consentTo(pd.authorizationUrl(), { person: '', deny: true }))).not.toHaveProperty('state');
  });

  it('facts 1.3: and cannot when it was not sent', async () => {
    await using pd = await openOAuth();
    expect(Object.keys(answerIn(await consentTo(pd.authorizationUrl({ state: undefined }), { person: 'PADMIN1' })))).toEqual(['code']);
  });

  it('stays on the page until an account, one of its people and a button are chosen', async () => {
    await using pd = await openOAuth();
    await expect(consentTo(pd.authorizationUrl(), { person: 'nobody@example.com' })).rejects.toThrow('no redirect but 400: No such person in this account.');
    await expect(consentTo(pd.authorizationUrl(), { person: 'PADMIN1', account: 'globex-example' })).rejects.toThrow('No such person');
    await expect(consentTo(pd.authorizationUrl(), { person: 'PADMIN1', account: 'nowhere' })).rejects.toThrow('No such person');
    const undecided = await fetch(pd.authorizationUrl(), { method: 'POST', body: new URLSearchParams({ account: 'acme-example', person: 'PADMIN1' }) });
    expect(undecided.status).toBe(400);
  });

  it('S61: lets somebody of another account consent, or refuses that for a Scoped app, which is private', async () => {
    await using pd = await openOAuth();
    const globex = { person: 'PGLOBEX', account: 'globex-example' };
    expect(answerIn(await consentTo(pd.authorizationUrl(), globex))).toHaveProperty('code');
    pd.simulator.settings.foreignAccount = 'refuse';
    await expect(consentTo(pd.authorizationUrl(), globex)).rejects.toThrow('no redirect but 403: This app belongs to another account.');
    expect(answerIn(await consentTo(pd.authorizationUrl(CLASSIC), globex))).toHaveProperty('code');
  });

  it('shows some people of a large company, and takes any', async () => {
    const users = Array.from({ length: 500 }, (_, index) => ({ ...makeCompany().users[1]!, id: `P${index}`, email: `p${index}@example.com` }));
    await using pd = await openOAuth({ company: makeCompany({ users }), neighbours: [] });
    expect((await open(pd.authorizationUrl())).text.match(/<option value="p\d+@/g)).toHaveLength(3);
    expect(answerIn(await consentTo(pd.authorizationUrl(), { person: 'P499' }))).toHaveProperty('code');
  });
});

describe('an authorization request that is wrong', () => {
  it.each([
    ['S58: an unregistered redirect URI', { redirect_uri: 'https://evil.example.com/' }, 'redirect_uri'],
    ['S58: a redirect URI that differs in a slash', { redirect_uri: `${REDIRECT}/` }, 'redirect_uri'],
    ['S58: a redirect URI that differs in case', { redirect_uri: REDIRECT.toUpperCase() }, 'redirect_uri'],
    ['no redirect URI', { redirect_uri: undefined }, 'redirect_uri'],
    ['an unknown client', { client_id: 'stranger' }, 'client_id'],
  ])('%s ends on a page, never with a redirect, asked or posted', async (_, patch, text) => {
    await using pd = await openOAuth();
    const url = pd.authorizationUrl(patch);
    expect(await open(url)).toMatchObject({ status: 400, location: null, text: expect.stringContaining(text) as unknown });
    const body = new URLSearchParams({ account: 'acme-example', person: 'PADMIN1', decision: 'consent' });
    const posted = await fetch(url, { method: 'POST', body, redirect: 'manual' });
    expect([posted.status, posted.headers.get('location')]).toEqual([400, null]);
  });

  it.each([
    ['a Scoped app without PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['the method plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a challenge without a method, which would be plain', { code_challenge_method: undefined }, 'invalid_request'],
    ['a challenge that is no SHA-256', { code_challenge: 'short' }, 'invalid_request'],
    ['a public client without PKCE', { client_id: 'public-client', code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['the implicit flow', { response_type: 'token' }, 'unsupported_response_type'],
    ['no scope', { scope: undefined }, 'invalid_request'],
  ])('facts 1.3: %s is told to the app', async (_, patch, error) => {
    await using pd = await openOAuth();
    const { status, location } = await open(pd.authorizationUrl(patch));
    expect([status, location?.startsWith(`${REDIRECT}?`)]).toEqual([302, true]);
    expect(answerIn(location)).toMatchObject({ error, state: 'state-of-the-test' });
  });

  it('or shown to the person, and the app hears nothing', async () => {
    await using pd = await openOAuth({ settings: { authorizeErrors: 'page' } });
    await expect(consentTo(pd.authorizationUrl({ code_challenge_method: 'plain' }), { person: 'PADMIN1' })).rejects.toThrow(
      'no consent page but 400: code_challenge_method must be S256.',
    );
  });

  it('refuses a parameter that comes twice', async () => {
    await using pd = await openOAuth();
    expect(answerIn((await open(`${pd.authorizationUrl()}&scope=users.write`)).location)).toMatchObject({ error: 'invalid_request' });
  });
});
