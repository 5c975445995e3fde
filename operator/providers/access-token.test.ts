import { describe, expect, it } from 'vitest';
import { OperatorError } from '../api/errors.ts';
import { SecretValue } from '../api/secret-value.ts';
import { parseAccessToken } from './access-token.ts';

const value = new SecretValue('planted-token');

describe('an access token as its Secret keeps it', () => {
  it('has its scheme and scopes', () => {
    expect(parseAccessToken({ value, scheme: 'Bearer', scopes: 'users.read  oncalls.read\n' })).toEqual({ value, scheme: 'Bearer', scopes: ['users.read', 'oncalls.read'] });
  });

  it('has no scopes where the credential has none', () => {
    expect(parseAccessToken({ value, scheme: 'ApiToken', scopes: '' })).toEqual({ value, scheme: 'ApiToken', scopes: undefined });
  });

  it.each(['', 'bearer', 'Basic', 'ApiToken '])('guard 8: is not guessed at with the scheme "%s"', (scheme) => {
    expect(() => parseAccessToken({ value, scheme, scopes: '' })).toThrow(OperatorError);
    expect(() => parseAccessToken({ value, scheme, scopes: '' })).toThrow(/names no known scheme/);
  });
});
