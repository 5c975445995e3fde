import { describe, expect, it } from 'vitest';
import { aProfile } from '../../test/support/builders.ts';
import { aResult, now } from '../../test/support/profile-fixtures.ts';
import { OperatorError } from '../api/errors.ts';
import { SecretValue } from '../api/secret-value.ts';
import { checkAccountOfToken } from './connection.ts';
import type { MountedToken } from './mounted-token.ts';

/** The last subscriptions run began an hour ago. */
const profile = aProfile({ status: { refresh: { subscriptions: aResult() } } });
const hour = 3_600_000;
const token = (scheme: 'ApiToken' | 'Bearer', issuedAt: number | undefined): MountedToken => ({
  token: { value: new SecretValue('t'), scheme, scopes: undefined },
  credentialId: 'c',
  issuedAt,
});
const reasonOf = (check: () => void): string | undefined => {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof OperatorError ? error.failure.reason : 'not of the union';
  }
};

describe('an API token, which names no account (guard 6)', () => {
  it('is not asked for activity when it came after the last download of subscriptions: it may be of another account, in which nobody of ours does anything', () => {
    expect(reasonOf(() => checkAccountOfToken('activity', profile, token('ApiToken', now - hour + 1)))).toBe('SubscriptionsNotDownloaded');
  });

  it('is asked once the subscriptions were downloaded with it, for that refuses another account', () => {
    expect(reasonOf(() => checkAccountOfToken('activity', profile, token('ApiToken', now - hour)))).toBeUndefined();
    expect(reasonOf(() => checkAccountOfToken('activity', profile, token('ApiToken', undefined)))).toBeUndefined();
  });

  it('may download subscriptions at any time', () => {
    expect(reasonOf(() => checkAccountOfToken('subscriptions', profile, token('ApiToken', now)))).toBeUndefined();
  });

  it('is another thing than a token of OAuth, which is bound to its account and renewed day by day', () => {
    expect(reasonOf(() => checkAccountOfToken('activity', profile, token('Bearer', now)))).toBeUndefined();
  });
});
