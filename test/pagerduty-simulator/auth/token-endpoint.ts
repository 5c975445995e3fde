import type { CompanyState } from '../company/company.ts';
import type { Reply } from '../http/replies.ts';
import { json } from '../http/replies.ts';
import type { Settings } from '../http/settings.ts';
import type { App, Credentials } from './credentials.ts';

export interface TokenRequest {
  readonly contentType: string | undefined;
  readonly body: string;
  readonly now: number;
}

export interface TokenIssuer {
  readonly credentials: Credentials;
  readonly settings: Settings;
  readonly company: CompanyState;
}

/** POST /oauth/token of the identity host, client credentials only (facts 1.5, 1.7). */
export function issueToken(request: TokenRequest, issuer: TokenIssuer): { reply: Reply; credentialId: string | undefined } {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.contentType ?? '')) {
    return { reply: oauthError(400, 'invalid_request', 'The body must be form-encoded'), credentialId: undefined };
  }
  const form = new URLSearchParams(request.body);
  const app = issuer.credentials.findApp(form.get('client_id') ?? '', form.get('client_secret') ?? '');
  if (app === undefined) return { reply: oauthError(401, 'invalid_client', 'Client authentication failed'), credentialId: undefined };
  const reply =
    form.get('grant_type') === 'client_credentials'
      ? grantClientCredentials(app, scopesOf(form), request.now, issuer)
      : oauthError(400, 'unsupported_grant_type', 'The grant type is not supported');
  return { reply, credentialId: app.id };
}

function scopesOf(form: URLSearchParams): string[] {
  return (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
}

function grantClientCredentials(app: App, asked: readonly string[], now: number, issuer: TokenIssuer): Reply {
  const { settings, credentials, company } = issuer;
  const account = `as_account-${company.region}.${company.subdomain}`;
  if (!asked.includes(account)) return oauthError(400, 'invalid_request', 'Invalid scope');
  const wanted = asked.filter((scope) => scope !== account);
  const allowed = wanted.filter((scope) => app.scopes.includes(scope));
  const refused = allowed.length < wanted.length;
  if (refused && settings.invalidScope === 'refuse') return oauthError(400, 'invalid_request', 'Invalid scope');
  const granted = refused && settings.invalidScope === 'only-openid' ? ['openid'] : [account, ...allowed];
  const lifetime = settings.tokenLifetimeSeconds;
  const token = credentials.grantApp(app, granted, now + lifetime * 1000);
  return json({ access_token: token, scope: granted.join(' '), token_type: 'bearer', expires_in: lifetime });
}

function oauthError(status: number, error: string, description: string): Reply {
  return json({ error, error_description: description }, status);
}
