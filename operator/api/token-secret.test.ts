import { describe, expect, it } from 'vitest';
import { SecretValue } from './secret-value.ts';
import { decodeToken, encodeToken, tokenSecretKeys, type StoredToken } from './token-secret.ts';

const stored: StoredToken = {
  token: new SecretValue('canary'),
  scheme: 'Bearer',
  scopes: ['oncalls.read', 'users.read'],
  credentialId: 'c1',
  expiresAt: Date.parse('2026-11-25T00:00:00Z'),
  issuedAt: Date.parse('2026-11-24T00:00:00Z'),
};

describe('the format of the token Secret', () => {
  it('T8: what is written is what is read, in the controllers and in the pods', () => {
    const texts = encodeToken(stored);
    expect(Object.keys(texts).sort()).toEqual([...tokenSecretKeys].sort());
    const read = decodeToken((key) => texts[key]);
    expect(read).toEqual(stored);
    expect(read?.token.reveal()).toBe('canary');
    const apiToken: StoredToken = { ...stored, scheme: 'ApiToken', scopes: undefined, expiresAt: undefined };
    expect(decodeToken((key) => encodeToken(apiToken)[key])).toEqual(apiToken);
  });

  it('is no token yet while the value is missing or empty', () => {
    expect(decodeToken(() => undefined)).toBeUndefined();
    expect(decodeToken(() => '')).toBeUndefined();
  });

  it.each([
    ['a scheme that nobody knows', { scheme: 'Basic' }],
    ['no scheme', { scheme: '' }],
    ['a time that is none', { expiresAt: 'tomorrow' }],
  ])('refuses %s, and says so without the token (guard 7)', (_story, change) => {
    const texts: Record<string, string> = { ...encodeToken(stored), ...change };
    let thrown: unknown;
    try {
      decodeToken((key) => texts[key]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ failure: { kind: 'Terminal', reason: 'InvalidTokenSecret' } });
    expect(JSON.stringify(thrown)).not.toContain('canary');
    expect(thrown).toBeInstanceOf(Error);
  });
});
