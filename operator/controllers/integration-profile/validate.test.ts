import { describe, expect, it } from 'vitest';
import { anAlias } from '../../../test/support/builders.ts';
import { SecretValue } from '../../api/secret-value.ts';
import { encodeTokenSecret, type Secret } from '../secrets.ts';
import { usableToken } from './validate.ts';

const token = { secretName: 'pagerduty-token', issuedAt: '2026-11-24T00:00:00.000Z', credentialHash: 'hash-1' };
const alias = anAlias({ status: { token } });

function tokenSecret(change: { owner?: string; controller?: boolean; hash?: string; data?: Record<string, string> } = {}): Secret {
  const { owner = alias.metadata.uid ?? '', controller = true, hash = 'hash-1' } = change;
  const data = encodeTokenSecret({ token: new SecretValue('canary'), scheme: 'Bearer', scopes: ['users.read'], credentialId: 'c', expiresAt: undefined, issuedAt: undefined });
  return {
    metadata: {
      name: 'pagerduty-token',
      annotations: { 'saaslicense.dev/intent-hash': hash },
      ownerReferences: [{ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'ConnectionAlias', name: 'pagerduty', uid: owner, controller }],
    },
    data: { ...data, ...change.data },
  };
}

describe('the token that validation uses', () => {
  it('S64: is the one that the alias controls, obtained with the credential that its status tells of', () => {
    expect(usableToken(tokenSecret(), alias)?.token.reveal()).toBe('canary');
  });

  it.each([
    ['a Secret of another alias of that name', tokenSecret({ owner: 'another' })],
    ['a Secret that the alias does not control', tokenSecret({ controller: false })],
    ['a token of other settings or another credential', tokenSecret({ hash: 'hash-2' })],
    ['no Secret', undefined],
  ])('guard 6: is not taken from %s', (_story, secret) => {
    expect(usableToken(secret, alias)).toBeUndefined();
  });

  it('is not taken before the alias tells of one', () => {
    expect(usableToken(tokenSecret(), anAlias())).toBeUndefined();
  });

  it('is refused when the Secret was changed into something that is no token Secret', () => {
    const scheme = Buffer.from('Basic').toString('base64');
    expect(() => usableToken(tokenSecret({ data: { scheme } }), alias)).toThrow('names no known scheme');
  });
});
