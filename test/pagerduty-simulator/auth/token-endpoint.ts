import type { Reply } from '../http/replies.ts';
import { apiError, json, notAuthenticated } from '../http/replies.ts';
import type { App } from './apps.ts';
import { grantCode, grantRefresh } from './consent-grants.ts';
import type { Identity, IdentityAnswer, IdentityRequest } from './identity.ts';
import { readScopes } from './identity.ts';
import { grantedScopes, oauthError } from './token-replies.ts';

type Grant = (app: App, form: URLSearchParams, request: IdentityRequest, identity: Identity) => Reply;

const GRANTS: Readonly<Record<string, Grant>> = {
  client_credentials: grantClientCredentials,
  authorization_code: grantCode,
  refresh_token: grantRefresh,
};

/** POST /oauth/token of the identity host (facts 1.3 to 1.5, 1.7). */
export function issueToken(request: IdentityRequest, identity: Identity): IdentityAnswer {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.contentType ?? '')) return nobody(badRequest('The body must be form-encoded'));
  const form = new URLSearchParams(request.body);
  const wrong = findWrongParameter(form);
  if (wrong !== undefined) return nobody(badRequest(wrong));
  const app = identity.apps.find(form.get('client_id') ?? '');
  if (app === undefined || !isItself(app, form)) return nobody(badClient(identity));
  const grantType = form.get('grant_type') ?? '';
  const grant = Object.hasOwn(GRANTS, grantType) ? GRANTS[grantType] : undefined;
  if (grant === undefined) return { reply: oauthError(400, 'unsupported_grant_type', 'The grant type is not supported'), credentialId: app.id };
  return { reply: grant(app, form, request, identity), credentialId: app.id, grantType };
}

function nobody(reply: Reply): IdentityAnswer {
  return { reply, credentialId: undefined };
}

function badRequest(description: string): Reply {
  return oauthError(400, 'invalid_request', description);
}

/** Parameters may not come twice (RFC 6749 3.2); who asks and for what must be there. */
function findWrongParameter(form: URLSearchParams): string | undefined {
  const names = [...form.keys()];
  if (new Set(names).size < names.length) return 'A parameter is given more than once';
  const missing = ['grant_type', 'client_id'].find((name) => !form.get(name));
  return missing === undefined ? undefined : `The parameter ${missing} is missing`;
}

/** A public client has no secret to show; PKCE stands for it. */
function isItself(app: App, form: URLSearchParams): boolean {
  return app.clientSecret === undefined || form.get('client_secret') === app.clientSecret;
}

function badClient({ settings }: Identity): Reply {
  const replies = {
    oauth: oauthError(401, 'invalid_client', 'Client authentication failed'),
    api: apiError(notAuthenticated),
    'not-json': { status: 401, body: { kind: 'text', text: 'Unauthorized\n', contentType: 'text/plain; charset=utf-8' } },
    empty: { status: 401, body: { kind: 'none' } },
  } as const satisfies Record<typeof settings.badClientBody, Reply>;
  return replies[settings.badClientBody];
}

/** An app's own token, for the account it was registered in (facts 1.5). */
function grantClientCredentials(app: App, form: URLSearchParams, { now }: IdentityRequest, { settings, credentials, accounts }: Identity): Reply {
  if (app.kind === 'Classic') return oauthError(400, 'unauthorized_client', 'The app may not use this grant type');
  const asked = readScopes(form.get('scope'));
  const owner = accounts.find(({ company }) => company.subdomain === app.ownerAccount)?.company;
  const account = `as_account-${owner?.region}.${owner?.subdomain}`;
  if (!asked.includes(account)) return badRequest('Invalid scope');
  const wanted = asked.filter((scope) => scope !== account);
  const granted = grantedScopes(app, wanted, settings.invalidScope);
  if (granted === 'refused') return badRequest('Invalid scope');
  const scopes = granted === 'only-openid' ? ['openid'] : [account, ...granted];
  const lifetime = settings.tokenLifetimeSeconds;
  const token = credentials.grantApp(app, scopes, now + lifetime * 1000);
  return json({ access_token: token, scope: scopes.join(' '), token_type: 'bearer', expires_in: lifetime });
}
