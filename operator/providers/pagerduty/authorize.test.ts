import { describe, expect, it } from 'vitest';
import { SecretValue } from '../../api/secret-value.ts';
import { processNames } from '../../api/integration-profile.ts';
import type { AuthorizationRequest, OAuthType } from '../provider.ts';
import { createPagerDutyProvider } from './index.ts';

const provider = createPagerDutyProvider();

function urlOf(scopes: readonly string[], changes: Partial<AuthorizationRequest> = {}, settings: unknown = { subdomain: 'acme' }): URL {
  const request: AuthorizationRequest = {
    type: 'Scoped',
    clientId: new SecretValue('the client'),
    redirectURL: 'https://licenses.example.com:8443/oauth_redirect.do',
    scopes,
    state: 'a state+/=',
    codeChallenge: 'a-challenge_43',
    ...changes,
  };
  return new URL(provider.consent.authorizationUrl(request, settings));
}

const scopeOf = (scopes: readonly string[], type: OAuthType) => urlOf(scopes, { type }).searchParams.get('scope');

describe('the address that a person opens (S59)', () => {
  it('S59: has exactly what the flow needs, at the identity host', () => {
    const url = urlOf(['users.read', 'oncalls.read']);
    expect(url.origin + url.pathname).toBe('https://identity.pagerduty.com/oauth/authorize');
    expect([...url.searchParams]).toEqual([
      ['client_id', 'the client'],
      ['redirect_uri', 'https://licenses.example.com:8443/oauth_redirect.do'],
      ['response_type', 'code'],
      ['scope', 'oncalls.read users.read'],
      ['state', 'a state+/='],
      ['code_challenge', 'a-challenge_43'],
      ['code_challenge_method', 'S256'],
    ]);
  });

  it('facts 1.2: is at the same host for both regions, or where the alias says', () => {
    expect(urlOf(['users.read'], {}, { subdomain: 'acme', region: 'EU' }).host).toBe('identity.pagerduty.com');
    const url = urlOf(['users.read'], {}, { subdomain: 'acme', endpoints: { identity: 'https://gateway.example.com/pagerduty/' } });
    expect(url.origin + url.pathname).toBe('https://gateway.example.com/pagerduty/oauth/authorize');
  });

  it('T1: takes both spellings, sorted and each once', () => {
    expect(scopeOf(['users:read', 'oncalls.read', 'users.read', 'users:contact_methods.read'], 'Scoped')).toBe('oncalls.read users.read users:contact_methods.read');
  });

  it.each<[readonly string[], string]>([
    [['users.read', 'oncalls.read'], 'read'],
    [['users:read'], 'read'],
    [['users.read', 'analytics.write'], 'read'],
    [['users.read', 'users.write'], 'write'],
    [['users:write'], 'write'],
    [['read'], 'read'],
    [['read', 'write'], 'write'],
  ])('S6, S10, S13: asks Classic OAuth for %j by its one word %s', (scopes, word) => {
    expect(scopeOf(scopes, 'Classic')).toBe(word);
  });

  it.each<OAuthType>(['Scoped', 'Classic'])('S2: asks nobody to consent to nothing (%s)', (type) => {
    expect(() => urlOf([], { type })).toThrow(/No enabled process needs a scope/);
  });

  it('guard 8: refuses settings that name no account', () => {
    expect(() => urlOf(['users.read'], {}, {})).toThrow(/correct spec.pagerduty.subdomain/);
  });
});

describe('scopes in the words of the login (S2)', () => {
  it('S6, S10, S13: are read or write of Classic OAuth', () => {
    const scopes = (processes: Parameters<typeof provider.scopes>[0]['processes']) => provider.scopes({ processes, signals: ['OnCall', 'SignIn'], login: 'Classic' });
    expect(scopes(['DownloadSubscriptions', 'PullUserActivity'])).toEqual({ required: ['read'], optional: [] });
    // `write` holds `read`, and a grant of it is shown as both.
    expect(scopes(processNames)).toEqual({ required: ['read', 'write'], optional: [] });
    expect(scopes([])).toEqual({ required: [], optional: [] });
  });

  it.each(['AppToken', 'Scoped', 'ApiToken'] as const)('S5, S9: are PagerDuty’s own names for %s', (login) => {
    const needs = { processes: processNames, signals: ['OnCall'] };
    expect(provider.scopes({ ...needs, login })).toEqual(provider.scopes(needs));
    expect(provider.scopes({ ...needs, login }).required).toEqual(['oncalls.read', 'users.read', 'users.write']);
  });
});
