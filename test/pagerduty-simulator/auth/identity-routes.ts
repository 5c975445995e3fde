import { json } from '../http/replies.ts';
import { showConsent, takeDecision } from './authorize.ts';
import type { Identity, IdentityAnswer, IdentityRequest } from './identity.ts';
import { issuerOf } from './identity.ts';
import { issueToken } from './token-endpoint.ts';

export const TOKEN_PATH = '/oauth/token';
export const AUTHORIZE_PATH = '/oauth/authorize';

type IdentityHandler = (request: IdentityRequest, identity: Identity) => IdentityAnswer;

/** Routes of the identity host (facts 1.2); the API knows nothing of them. */
const ROUTES: Readonly<Record<string, IdentityHandler>> = {
  [`GET ${AUTHORIZE_PATH}`]: showConsent,
  [`POST ${AUTHORIZE_PATH}`]: takeDecision,
  [`POST ${TOKEN_PATH}`]: issueToken,
  'GET /global/oauth/anonymous/jwks': showKeys,
  'GET /global/oauth/anonymous/.well-known/openid-configuration': showConfiguration,
};

export function findIdentityRoute(method: string, path: string): IdentityHandler | undefined {
  const name = `${method} ${path}`;
  return Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
}

function showKeys(_request: IdentityRequest, { signer }: Identity): IdentityAnswer {
  return { reply: json(signer.keySet()), credentialId: undefined };
}

function showConfiguration({ origin }: IdentityRequest): IdentityAnswer {
  const issuer = issuerOf(origin);
  const configuration = {
    issuer,
    authorization_endpoint: origin + AUTHORIZE_PATH,
    token_endpoint: origin + TOKEN_PATH,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    code_challenge_methods_supported: ['S256'],
  };
  return { reply: json(configuration), credentialId: undefined };
}

/** Parameters of the authorize page that are nobody's secret; the values of all others stay out of the journal. */
const PLAIN = new Set(['client_id', 'redirect_uri', 'response_type', 'scope', 'code_challenge_method']);

/** The query as the journal may have it (guard 7). */
export function withoutSecrets(path: string, query: URLSearchParams): [string, string][] {
  if (path !== AUTHORIZE_PATH && path !== TOKEN_PATH) return [...query];
  return [...query].map(([name, value]) => [name, path === AUTHORIZE_PATH && PLAIN.has(name) ? value : '(hidden)']);
}
