import { randomUUID } from 'node:crypto';
import type { Account } from '../account/account.ts';
import type { Person } from '../company/company.ts';
import type { Reply } from '../http/replies.ts';
import type { App } from './apps.ts';
import { CODE_LIFE_MS } from './codes.ts';
import { consentPage, errorPage } from './consent-page.ts';
import type { Identity, IdentityAnswer, IdentityRequest } from './identity.ts';
import { readScopes } from './identity.ts';
import { grantedScopes } from './token-replies.ts';

/** An authorization request that may be put before a person. */
interface Asked {
  readonly app: App;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly challenge: string | undefined;
  readonly state: string | null;
}

/** GET /oauth/authorize: the page on which a person signs in and consents (facts 1.3). */
export function showConsent(request: IdentityRequest, identity: Identity): IdentityAnswer {
  return withAsked(request, identity, (asked) => consentPage({ ...asked, url: request.url, accounts: identity.accounts }));
}

/** POST of that page: back to the app with a code, or with the refusal. */
export function takeDecision(request: IdentityRequest, identity: Identity): IdentityAnswer {
  const form = new URLSearchParams(request.body);
  return withAsked(request, identity, (asked) => {
    if (form.get('decision') === 'deny') return goBack(asked, identity, DENIED);
    const page = { ...asked, url: request.url, accounts: identity.accounts };
    const account = identity.accounts.find(({ company }) => company.subdomain === form.get('account'));
    const person = account === undefined ? undefined : findPerson(account, form.get('person') ?? '');
    if (account === undefined || person === undefined) return consentPage({ ...page, problem: { status: 400, text: 'No such person in this account.' } });
    if (form.get('decision') !== 'consent') return consentPage({ ...page, problem: { status: 400, text: 'Consent or deny.' } });
    if (isForeign(asked.app, account) && identity.settings.foreignAccount === 'refuse') {
      return consentPage({ ...page, problem: { status: 403, text: 'This app belongs to another account.' } });
    }
    return goBack(asked, identity, { code: makeCode(asked, { account, person, now: request.now }, identity) });
  });
}

const DENIED = { error: 'access_denied', error_description: 'The resource owner or authorization server denied the request.' };

function isForeign(app: App, { company }: Account): boolean {
  return app.kind === 'Scoped' && company.subdomain !== app.ownerAccount;
}

function findPerson(account: Account, wanted: string): Person | undefined {
  return account.user(wanted) ?? account.company.users.find(({ email }) => email === wanted.toLowerCase());
}

function makeCode(asked: Asked, who: { account: Account; person: Person; now: number }, { codes, settings }: Identity): string {
  const { app, redirectUri, challenge } = asked;
  const wanted = asked.scopes.filter((scope) => scope !== 'openid');
  const granted = grantedScopes(app, wanted, settings.consentInvalidScope);
  const scopes = typeof granted === 'string' ? ['openid'] : ['openid', ...granted];
  const consent = { id: randomUUID(), app, account: who.account, userId: who.person.id, scopes, at: who.now };
  return codes.issue({ consent, redirectUri, challenge, invalidScope: granted === 'refused', expiresAt: who.now + CODE_LIFE_MS });
}

/** Nothing goes to an address that the app did not register; what else is wrong is told to the app or on a page. */
function withAsked(request: IdentityRequest, identity: Identity, proceed: (asked: Asked) => Reply): IdentityAnswer {
  const query = request.url.searchParams;
  const app = identity.apps.find(query.get('client_id') ?? '');
  if (app === undefined) return { reply: errorPage('The app is not known (client_id).'), credentialId: undefined };
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!app.redirectUrls.includes(redirectUri)) {
    return { reply: errorPage('The redirect URI is not one that the app has registered (redirect_uri).'), credentialId: app.id };
  }
  const scopes = readScopes(query.get('scope'));
  const asked = { app, redirectUri, scopes, challenge: query.get('code_challenge') ?? undefined, state: query.get('state') };
  const wrong = findWrong(asked, query);
  return { reply: wrong === undefined ? proceed(asked) : tellError(asked, wrong, identity), credentialId: app.id };
}

interface AuthorizeError {
  readonly error: string;
  readonly error_description: string;
}

function findWrong({ app, scopes, challenge }: Asked, query: URLSearchParams): AuthorizeError | undefined {
  const names = [...query.keys()];
  if (new Set(names).size < names.length) return invalid('A parameter is given more than once');
  if (query.get('response_type') !== 'code') return { error: 'unsupported_response_type', error_description: 'response_type must be code' };
  if (scopes.length === 0) return invalid('scope is missing');
  const pkceNeeded = app.kind === 'Scoped' || app.clientSecret === undefined;
  const method = query.get('code_challenge_method');
  if (challenge === undefined) return pkceNeeded || method !== null ? invalid('code_challenge is missing') : undefined;
  if (method !== 'S256') return invalid('code_challenge_method must be S256');
  return /^[A-Za-z0-9_-]{43}$/.test(challenge) ? undefined : invalid('code_challenge is not a SHA-256');
}

function invalid(description: string): AuthorizeError {
  return { error: 'invalid_request', error_description: description };
}

function tellError(asked: Asked, { error, error_description }: AuthorizeError, identity: Identity): Reply {
  if (identity.settings.authorizeErrors === 'page') return errorPage(`${error_description}.`);
  return goBack(asked, identity, { error, error_description });
}

function goBack({ redirectUri, state }: Asked, { settings }: Identity, answer: Readonly<Record<string, string>>): Reply {
  const location = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) location.searchParams.append(name, value);
  if (state !== null && settings.echoState) location.searchParams.append('state', state);
  return { status: 302, headers: { location: location.href, 'cache-control': 'no-store' }, body: { kind: 'none' } };
}
