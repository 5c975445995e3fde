import { terminal } from '../../api/errors.ts';
import type { ProcessName } from '../../api/integration-profile.ts';
import type { AuthorizationRequest } from '../provider.ts';
import { vendorConfiguration } from './permissions.ts';
import { parseSettings } from './settings.ts';
import { normaliseAll } from './token-endpoint.ts';

/**
 * The address that a person opens to consent (S59, facts/pagerduty.md 1.3): what the flow needs and nothing else.
 * Throws Terminal `InvalidSettings`, and `NothingToAuthorize` when nothing would be asked for.
 */
export function writeAuthorizationUrl(request: AuthorizationRequest, settings: unknown): string {
  const { endpoints } = parseSettings(settings);
  const query = new URLSearchParams({
    client_id: request.clientId.reveal(),
    redirect_uri: request.redirectURL,
    response_type: 'code',
    scope: writeScopes(request),
    state: request.state,
    code_challenge: request.codeChallenge,
    code_challenge_method: 'S256',
  });
  return `${endpoints.identity}/oauth/authorize?${query.toString()}`;
}

function writeScopes({ type, scopes }: AuthorizationRequest): string {
  const asked = normaliseAll(scopes);
  if (asked.length === 0) {
    throw terminal('NothingToAuthorize', 'No enabled process needs a scope, so there is nothing to consent to: enable one in an IntegrationProfile that uses this alias.');
  }
  return type === 'Classic' ? nameClassicScope(asked) : asked.join(' ');
}

/** Scopes that only Read/Write covers. `analytics.write` is none of them: it is only read (T18). */
const writing = vendorConfiguration.filter((row) => row.scopes.classic === 'write').map((row) => row.scopes.scoped);

/** The one scope of Classic OAuth for what is asked for, in either's words (S6, S10, S13). */
function nameClassicScope(scopes: readonly string[]): string {
  return scopes.some((scope) => scope === 'write' || writing.includes(scope)) ? 'write' : 'read';
}

/** Scopes of the given processes in the words of Classic OAuth: what its grants can be compared with (S2, T7). */
export function listClassicScopes(processes: readonly ProcessName[]): { required: string[]; optional: string[] } {
  const rows = vendorConfiguration.filter((row) => processes.includes(row.process));
  return { required: Array.from(new Set(rows.map((row) => row.scopes.classic))).sort(), optional: [] };
}
