import type { Reply } from '../http/replies.ts';
import { json } from '../http/replies.ts';
import type { App } from './apps.ts';

export function oauthError(status: number, error: string, description: string): Reply {
  return json({ error, error_description: description }, status);
}

/** What comes of the scopes asked for, as the app may have them now (facts 1.7). */
export function grantedScopes(
  app: App,
  asked: readonly string[],
  whenInvalid: 'refuse' | 'only-openid' | 'only-allowed',
): readonly string[] | 'refused' | 'only-openid' {
  const allowed = asked.filter((scope) => app.scopes.includes(scope));
  if (allowed.length === asked.length || whenInvalid === 'only-allowed') return allowed;
  return whenInvalid === 'refuse' ? 'refused' : 'only-openid';
}
