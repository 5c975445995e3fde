import { describe, expect, it } from 'vitest';
import { anAlias } from '../../../test/support/builders.ts';
import type { ConnectionAliasStatus } from '../../api/connection-alias.ts';
import { findAlias, readRequest, type KnownAliases } from './redirect-request.ts';

const get = (url: string) => readRequest({ method: 'GET', url, headers: {} });

describe('a request to the redirect server', () => {
  it('S21: is a redirect with a code, or with an error', () => {
    expect(get('/oauth_redirect.do?code=abc&state=s')).toMatchObject({ kind: 'Redirect', redirect: { state: 's', error: undefined } });
    expect(get('/oauth_redirect.do?error=access_denied&error_description=No&state=s')).toMatchObject({ kind: 'Redirect', redirect: { code: undefined, error: 'access_denied' } });
    expect(get('/behind/an-ingress/oauth_redirect.do?code=abc')).toMatchObject({ kind: 'Redirect', redirect: { state: undefined } });
  });

  it.each([
    ['another path', '/', 'NotFound'],
    ['a path that only looks like it', '/oauth_redirect.do/x', 'NotFound'],
    ['a path that leads elsewhere', '/%2e%2e/oauth_redirect.do', 'NotFound'],
    ['neither code nor error', '/oauth_redirect.do?state=s', 'Unknown'],
    ['two codes', '/oauth_redirect.do?code=a&code=b', 'Unknown'],
    ['an empty code', '/oauth_redirect.do?code=', 'Unknown'],
    ['a code that no vendor makes', '/oauth_redirect.do?code=a%0ab', 'Unknown'],
    ['far too long a code', `/oauth_redirect.do?code=${'a'.repeat(2049)}`, 'Unknown'],
    ['far too long an address', `/oauth_redirect.do?code=a&x=${'a'.repeat(7000)}`, 'Unknown'],
  ])('is refused for %s', (_story, url, page) => {
    expect(get(url)).toEqual({ kind: 'Refused', page });
  });

  it('is refused for another method and for a body, so that a link preview uses nothing up', () => {
    const url = '/oauth_redirect.do?code=a';
    for (const method of ['HEAD', 'POST', 'OPTIONS']) expect(readRequest({ method, url, headers: {} })).toEqual({ kind: 'Refused', page: 'MethodNotAllowed' });
    expect(readRequest({ method: 'GET', url, headers: { 'content-length': '5' } })).toEqual({ kind: 'Refused', page: 'Unknown' });
    expect(readRequest({ method: 'GET', url, headers: { 'transfer-encoding': 'chunked' } })).toEqual({ kind: 'Refused', page: 'Unknown' });
  });
});

describe('the alias that a redirect is for', () => {
  const named = (name: string, uid: string, authorization: ConnectionAliasStatus['authorization']) => {
    const alias = anAlias({ name, status: { authorization } });
    return { ...alias, metadata: { ...alias.metadata, uid } };
  };
  const uid = (digit: string): string => `${digit.repeat(8)}-2222-4222-8222-222222222222`;
  const state = (digit: string): string => `${uid(digit)}.${'s'.repeat(43)}`;
  const waiting = named('waiting', uid('1'), { state: 'AwaitingConsent', url: 'https://identity.example.com' });
  const done = named('done', uid('2'), { state: 'Authorized' });
  const closed = named('closed', uid('3'), { state: 'Revoked' });
  const known = (...all: (typeof waiting)[]): KnownAliases => ({ all: () => all, byUid: (wanted) => all.find(({ metadata }) => metadata.uid === wanted) });
  const all = known(waiting, done, closed);
  const find = (wanted: string | undefined, of = all) => findAlias({ state: wanted, code: undefined, error: undefined }, of);

  it('S63: is found by its uid in the state, and only one whose status shows a URL is read', () => {
    expect(find(state('1'))).toEqual({ kind: 'Found', alias: waiting });
    expect(find(state('2'))).toEqual({ kind: 'Refused', page: 'Replayed' });
    expect(find(state('3'))).toEqual({ kind: 'Refused', page: 'Expired' });
  });

  it('is gone when the alias was deleted or made anew, and unknown where the state is none of ours', () => {
    expect(find(state('9'))).toEqual({ kind: 'Refused', page: 'AliasGone' });
    expect(find('1; drop table')).toEqual({ kind: 'Refused', page: 'Unknown' });
    const going = { ...waiting, metadata: { ...waiting.metadata, deletionTimestamp: '2026-11-24T00:00:00Z' } };
    expect(find(state('1'), known(going))).toEqual({ kind: 'Refused', page: 'AliasGone' });
  });

  it('facts 11: without a state is the only one that waits, if there is only one', () => {
    expect(find(undefined)).toEqual({ kind: 'Found', alias: waiting });
    const second = named('second', uid('4'), { state: 'Denied', url: 'https://identity.example.com' });
    expect(find(undefined, known(waiting, second))).toEqual({ kind: 'Refused', page: 'Unknown' });
    expect(find(undefined, known(done))).toEqual({ kind: 'Refused', page: 'Unknown' });
  });
});
