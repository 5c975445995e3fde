import { describe, expect, it } from 'vitest';
import { catchFailure, collect, createSession } from '../../../test/support/provider-session.ts';
import { startVendorStub } from '../../../test/support/vendor-stub.ts';
import { SecretValue } from '../../api/secret-value.ts';
import { createPagerDutyProvider } from './index.ts';

/** A good answer among spaces: more than the operator, whose heap is bounded for all profiles together, has any use for. */
const padded = (json: object): string => `${JSON.stringify(json)}${' '.repeat(2 * 1024 * 1024)}`;
const tokens = { access_token: 'a', refresh_token: 'r', expires_in: 3600, token_type: 'bearer', scope: 'users.read' };
const client = { clientId: new SecretValue('id'), clientSecret: new SecretValue('s') };

describe('answers that are far too large', () => {
  it('are not taken in the operator: one account must not end the process that serves all', async () => {
    await using stub = await startVendorStub(({ path }) => ({ text: padded(path === '/oauth/token' ? tokens : { users: [], more: false }) }));
    const session = createSession({ settings: { subdomain: 'acme', endpoints: { api: stub.address, identity: stub.address } } });
    const provider = createPagerDutyProvider();
    const asked = { type: 'Scoped' as const, ...client, redirectURL: 'http://127.0.0.1/oauth_redirect.do', scopes: ['users.read'] };

    const credential = { kind: 'AppToken', ...client } as const;
    const failures = [
      await catchFailure(provider.connect({ credential, requiredScopes: ['users.read'], optionalScopes: [] }, session)),
      await catchFailure(provider.consent.exchange({ ...asked, code: new SecretValue('c'), codeVerifier: new SecretValue('v') }, session)),
      await catchFailure(provider.consent.refresh({ ...asked, refreshToken: new SecretValue('r') }, session)),
      await catchFailure(provider.consent.identify(session)),
      await catchFailure(provider.validate(['DownloadSubscriptions'], session)),
    ];
    expect(failures.map(({ failure, detail }) => [failure.reason, detail['code']])).toEqual([
      ['VendorUnreachable', 'BODY_TOO_LARGE'],
      ['ExchangeUnclear', 'BODY_TOO_LARGE'],
      ['RotationUnclear', 'BODY_TOO_LARGE'],
      ['VendorUnreachable', 'BODY_TOO_LARGE'],
      ['VendorUnreachable', 'BODY_TOO_LARGE'],
    ]);
  });

  it('are taken in a refresh, whose pages are large', async () => {
    const empty = { users: [], limit: 100, offset: 0, more: false, total: 0, licenses: [], license_allocations: [] };
    await using stub = await startVendorStub(() => ({ text: padded(empty) }));
    const session = createSession({ settings: { subdomain: 'acme', endpoints: { api: stub.address, identity: stub.address } } });
    expect(await collect(createPagerDutyProvider().download(session))).not.toEqual([]);
  });
});
