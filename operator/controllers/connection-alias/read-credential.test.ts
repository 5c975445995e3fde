import { describe, expect, it } from 'vitest';
import type { ConnectionAliasSpec } from '../../api/connection-alias.ts';
import { anAlias } from '../../../test/support/builders.ts';
import { encodeData, type Secret } from '../secrets.ts';
import { readCredential } from './read-credential.ts';

/** A Secret of the namespace that has nothing to do with the vendor. */
const database: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'database', namespace: 'licenses', uid: 'u', resourceVersion: '1' },
  data: encodeData({ password: 'hunter2', clientId: 'app', 'PAGERDUTY_CLIENT_ID': 'app', clientSecret: 's' }),
};
const client = { get: async <T>() => Promise.resolve(database as T) };

function consenting(clientIdKey: string): ConnectionAliasSpec {
  const { appToken: _other, ...rest } = anAlias().spec;
  const redirectURL = 'https://licenses.example.com/oauth_redirect.do';
  return { ...rest, oauth: { type: 'Scoped', redirectURL, clientSecretRef: { name: 'database', clientIdKey, clientSecretKey: 'clientSecret' } } };
}

async function read(spec: ConnectionAliasSpec): Promise<object> {
  return readCredential(spec, 'licenses', { client, signal: new AbortController().signal });
}

describe('the client id of a consent, which status shows in the URL to open', () => {
  it('S56: refuses to take it from a key that is not named as one, so that nobody reads any Secret through status', async () => {
    const result = await read(consenting('password'));
    expect(result).toMatchObject({ kind: 'Failed', failure: { kind: 'Terminal', reason: 'SecretNotUsable' } });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it('S56: takes it from a key that is named as one', async () => {
    expect(await read(consenting('clientId'))).toMatchObject({ kind: 'Read' });
    expect(await read(consenting('PAGERDUTY_CLIENT_ID'))).toMatchObject({ kind: 'Read' });
  });
});
