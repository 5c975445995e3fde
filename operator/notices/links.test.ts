import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SecretValue } from '../api/secret-value.ts';
import { checkPublicUrl, makeAnswerToken, makeAnswerUrls, peekAnswerToken, readAnswerToken, type AnswerClaim } from './links.ts';

const now = Date.parse('2026-11-24T00:00:00Z');
const key = new SecretValue('k'.repeat(43));
const candidate = { namespace: 'team-a', name: 'pagerduty-pabc123', uid: '6a8f0a1c-6a55-4d35-9a6f-000000000001', round: 1 };

const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
const claims: fc.Arbitrary<AnswerClaim> = fc.record({
  namespace: name,
  name,
  uid: fc.uuid(),
  round: fc.integer({ min: 1, max: 50 }),
  verdict: fc.constantFrom('Keep', 'Release'),
  expiresAt: fc.integer({ min: now / 1000 + 1, max: now / 1000 + 1e8 }).map((seconds) => seconds * 1000),
});

describe('links to answer with', () => {
  it('L5: there is one for each answer, below the public address', () => {
    const urls = makeAnswerUrls({ publicUrl: 'https://licenses.example.com/saas/', candidate, expiresAt: now + 1000, key });
    expect(urls.keepUrl).toMatch(/^https:\/\/licenses\.example\.com\/saas\/reclaim\/answer\?token=[\w-]+\.[\w-]{43}$/);
    const read = (url: string): unknown => readAnswerToken(URL.parse(url)?.searchParams.get('token') ?? '', key, now);
    expect(read(urls.keepUrl)).toEqual({ ...candidate, verdict: 'Keep', expiresAt: now + 1000 });
    expect(read(urls.releaseUrl)).toEqual({ ...candidate, verdict: 'Release', expiresAt: now + 1000 });
  });

  it('any claim comes back as it was, until it expires', () => {
    fc.assert(
      fc.property(claims, (claim) => {
        const token = makeAnswerToken(claim, key);
        expect(readAnswerToken(token, key, now)).toEqual(claim);
        expect(peekAnswerToken(token)).toEqual(claim);
        expect(readAnswerToken(token, key, claim.expiresAt - 1)).toEqual(claim);
        expect(readAnswerToken(token, key, claim.expiresAt)).toBeUndefined();
      }),
    );
  });

  it('guard 7: no other key, claim, digit or spelling makes a token', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    fc.assert(
      fc.property(claims, claims, fc.nat(), fc.constantFrom(...alphabet.split('')), (claim, other, at, digit) => {
        const token = makeAnswerToken(claim, key);
        const [, mac] = token.split('.');
        expect(readAnswerToken(token, new SecretValue('j'.repeat(43)), now)).toBeUndefined();
        const [payload] = makeAnswerToken(other, key).split('.');
        if (JSON.stringify(other) !== JSON.stringify(claim)) expect(readAnswerToken(`${payload}.${mac}`, key, now)).toBeUndefined();
        const place = at % token.length;
        const changed = `${token.slice(0, place)}${digit}${token.slice(place + 1)}`;
        if (changed !== token) expect(readAnswerToken(changed, key, now)).toBeUndefined();
        for (const spelled of [`${token}=`, ` ${token}`, token.slice(0, -1), `${token}A`, token.replace('.', '..')]) expect(readAnswerToken(spelled, key, now)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('nothing that strangers send is read as anything', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json().map((json) => `${Buffer.from(json).toString('base64url')}.${'A'.repeat(43)}`)), (text) => {
        expect(readAnswerToken(text, key, now)).toBeUndefined();
        expect(peekAnswerToken(text)).toBeUndefined();
      }),
    );
    expect(peekAnswerToken(`${'A'.repeat(5000)}.${'A'.repeat(43)}`)).toBeUndefined();
  });

  it('names that lead a path astray are none, though they are signed', () => {
    for (const more of [{ namespace: '../kube-system' }, { name: 'a/b' }, { name: '' }]) {
      expect(readAnswerToken(makeAnswerToken({ ...candidate, verdict: 'Keep', expiresAt: now + 1000, ...more }, key), key, now)).toBeUndefined();
    }
  });
});

describe('the public address', () => {
  it.each(['https://licenses.example.com', 'https://licenses.example.com:8443/a/b/', 'http://localhost:8082', 'http://127.0.0.1:8082'])('takes %s', (url) => {
    expect(checkPublicUrl(url)).toBeUndefined();
  });
  it.each(['http://licenses.example.com', 'licenses.example.com', 'https://user@licenses.example.com', 'https://licenses.example.com?x=1', 'https://licenses.example.com#x', 'javascript:alert(1)', 'https://a b', 'https://licenses.example.com/"><script>', ''])('refuses %j', (url) => {
    expect(checkPublicUrl(url)).toContain('must be an https address');
  });
});
