import { describe, expect, it } from 'vitest';
import { readIdToken } from './id-token.ts';
import { parseSettings } from './settings.ts';

const now = Date.parse('2026-11-24T00:00:00Z');
const seconds = now / 1000;

const claims = { aud: ['https://api.pagerduty.com', 'our-client'], exp: seconds + 3600, user_id: 'PADMIN1', subdomain: 'acme', region: 'UnitedStates', sub: 'else' };

const encode = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const tokenOf = (payload: unknown): string => `${encode({ alg: 'RS256' })}.${encode(payload)}.c2lnbmF0dXJl`;

function read(token: string | undefined, settings: object = {}) {
  return readIdToken(token, { clientId: 'our-client', settings: parseSettings({ subdomain: 'acme', ...settings }), now });
}

const readClaims = (changes: object, settings: object = {}) => read(tokenOf({ ...claims, ...changes }), settings);

describe('who consented, by the ID token (facts 1.9)', () => {
  it('S60, S61: names account and person', () => {
    expect(readClaims({})).toEqual({ account: 'acme (US)', userId: 'PADMIN1', role: undefined });
  });

  it.each<[string, object, string | undefined]>([
    ['the EU by its API host, whatever the region is called', { aud: ['our-client', 'https://api.eu.pagerduty.com'], region: 'Anything' }, 'acme (EU)'],
    ['the API host before the region', { aud: 'https://api.eu.pagerduty.com' }, 'acme (EU)'],
    ['the region where only the client is named', { aud: 'our-client' }, 'acme (US)'],
    ['Europe by a word like it', { aud: 'our-client', region: 'EuropeanUnion' }, 'acme (EU)'],
    ['both hosts: the region tells', { aud: ['https://api.pagerduty.com', 'https://api.eu.pagerduty.com'] }, 'acme (US)'],
    ['capitals', { subdomain: 'ACME' }, 'acme (US)'],
    ['no subdomain', { subdomain: undefined }, undefined],
    ['a subdomain that is none', { subdomain: 'a/b' }, undefined],
    ['no known place', { aud: 'our-client', region: 'Moon' }, undefined],
    ['no region', { aud: 'our-client', region: 5 }, undefined],
  ])('S61: reads %s', (_, changes, account) => {
    expect(readClaims(changes)).toMatchObject({ account, userId: 'PADMIN1' });
  });

  it('is for us, too, when it names the endpoint that the alias does', () => {
    const endpoints = { endpoints: { api: 'https://gateway.example.com/pd/' } };
    expect(readClaims({ aud: 'https://gateway.example.com/pd' }, endpoints)).toMatchObject({ account: 'acme (US)' });
    expect(readClaims({ aud: 'https://gateway.example.com/pd' })).toBeUndefined();
  });

  it.each<[string, object]>([
    ['for somebody else', { aud: ['https://elsewhere.example', 'their-client'] }],
    ['for nobody', { aud: [] }],
    ['over for long', { exp: seconds - 600 }],
    ['without an end', { exp: undefined }],
    ['without a person', { user_id: undefined }],
    ['with an odd person', { user_id: 'a b@example.com' }],
  ])('is not believed when it is %s', (_, changes) => {
    expect(readClaims(changes)).toBeUndefined();
  });

  it('is believed in spite of clocks that differ a little', () => {
    expect(readClaims({ exp: seconds - 200 })).toBeDefined();
  });

  it.each<[string, string | undefined]>([
    ['none', undefined],
    ['an empty one', ''],
    ['no JWT', 'hello'],
    ['two parts', 'a.b'],
    ['five parts, as of an encrypted one', 'a.b.c.d.e'],
    ['odd characters', `${encode({})}.${encode(claims)}=.c2ln`],
    ['no JSON', `${encode({})}.${encode('{"aud":')}.c2ln`],
    ['no object', tokenOf([1])],
    ['null', tokenOf(null)],
  ])('facts 11: makes the identity unknown, and nothing fail: %s', (_, token) => {
    expect(read(token)).toBeUndefined();
  });
});
