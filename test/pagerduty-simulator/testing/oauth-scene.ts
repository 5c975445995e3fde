import type { AppOptions, SimulatorOptions } from '../index.ts';
import type { ConsentChoice } from './consent.ts';
import { consentTo, makePkce } from './consent.ts';
import type { Answer, TestAccount, TokenAnswer } from './open-account.ts';
import { makeCompany, makePerson, openAccount } from './open-account.ts';

export const REDIRECT = 'https://operator.example.com/oauth_redirect.do';

export const SCOPED_APP: AppOptions = {
  name: 'Licence <operator> & friends',
  clientId: 'scoped-client',
  clientSecret: 'scoped-secret',
  kind: 'Scoped',
  scopes: ['users.read', 'licenses.read', 'oncalls.read'],
  redirectUrls: [REDIRECT, 'http://127.0.0.1:8085/callback?from=laptop'],
};
export const CLASSIC_APP: AppOptions = { clientId: 'classic-client', clientSecret: 'classic-secret', kind: 'Classic', scopes: ['read'], redirectUrls: [REDIRECT] };
export const PUBLIC_APP: AppOptions = { clientId: 'public-client', kind: 'Classic', scopes: ['read', 'write'], redirectUrls: [REDIRECT] };

export interface ConsentedTokens extends TokenAnswer {
  readonly refresh_token: string;
  readonly id_token?: string;
  readonly client_info: string;
}

export interface OAuthScene extends TestAccount {
  /** Of the Scoped app, with PKCE; `undefined` leaves a parameter out. */
  authorizationUrl(patch?: Record<string, string | undefined>): string;
  /** Consent up to the code. */
  codeFor(choice?: Partial<ConsentChoice>, patch?: Record<string, string | undefined>): Promise<string>;
  /** With secret and verifier of the Scoped app; `undefined` leaves a parameter out. */
  exchange(code: string, patch?: Record<string, string | undefined>): Promise<Answer<ConsentedTokens>>;
  refresh(refreshToken: string, patch?: Record<string, string | undefined>): Promise<Answer<ConsentedTokens>>;
  /** The whole flow of the Scoped app. */
  tokensOf(person: string, patch?: Record<string, string | undefined>): Promise<ConsentedTokens>;
}

/** An account with an administrator, a neighbour account, and an app of each kind. */
export async function openOAuth(options: Partial<SimulatorOptions> = {}): Promise<OAuthScene> {
  const { users } = makeCompany();
  const company = makeCompany({ users: [...users, makePerson('PADMIN1', { role: 'admin' })] });
  const neighbours = [
    makeCompany({ subdomain: 'globex-example', users: [makePerson('PGLOBEX', { role: 'admin' })] }),
    makeCompany({ subdomain: 'acme-europe', region: 'eu', users: [makePerson('PEUROPE', { role: 'admin' })] }),
  ];
  const pd = await openAccount({ company, neighbours, apps: [SCOPED_APP, CLASSIC_APP, PUBLIC_APP], ...options });
  const { verifier, challenge } = makePkce();

  function authorizationUrl(patch: Record<string, string | undefined> = {}): string {
    const usual = {
      client_id: 'scoped-client',
      redirect_uri: REDIRECT,
      response_type: 'code',
      scope: 'users.read licenses.read',
      state: 'state-of-the-test',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    };
    return `${pd.simulator.url}/oauth/authorize?${formOf({ ...usual, ...patch }).toString()}`;
  }

  async function codeFor(choice: Partial<ConsentChoice> = {}, patch: Record<string, string | undefined> = {}): Promise<string> {
    const location = await consentTo(authorizationUrl(patch), { person: 'PADMIN1', ...choice });
    return new URL(location).searchParams.get('code') ?? `no code in ${location}`;
  }

  async function ask(form: Record<string, string | undefined>): Promise<Answer<ConsentedTokens>> {
    const response = await fetch(`${pd.simulator.url}/oauth/token`, { method: 'POST', body: formOf({ ...SCOPED_CLIENT, ...form }) });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : undefined) as ConsentedTokens };
  }

  function exchange(code: string, patch: Record<string, string | undefined> = {}): Promise<Answer<ConsentedTokens>> {
    return ask({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier, ...patch });
  }

  return {
    ...pd,
    authorizationUrl,
    codeFor,
    exchange,
    refresh: (refreshToken, patch = {}) => ask({ grant_type: 'refresh_token', refresh_token: refreshToken, ...patch }),
    tokensOf: async (person, patch) => (await exchange(await codeFor({ person }, patch))).body,
  };
}

const SCOPED_CLIENT = { client_id: 'scoped-client', client_secret: 'scoped-secret' };

function formOf(fields: Record<string, string | undefined>): URLSearchParams {
  return new URLSearchParams(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined));
}
