/** What the facts leave open about OAuth, and what differs between accounts. */
export interface OAuthSettings {
  /** What asking a person for a scope the app may not have does (facts 1.7): a token with `openid` alone, 400 for the code, or what is allowed. */
  consentInvalidScope: 'only-openid' | 'refuse' | 'only-allowed';
  /** Whether a bad authorization request of a known app goes back to it (RFC 6749 4.1.2.1) or ends on a page. */
  authorizeErrors: 'redirect' | 'page';
  /** False: `state` does not come back; the facts do not mention it (facts 1.3). */
  echoState: boolean;
  /** Whether somebody of another account may consent to a Scoped app, which is private (facts 1.1). */
  foreignAccount: 'allow' | 'refuse';
  /** `expires_in` of Classic tokens: the example's ten days, where the text says 30 (facts 1.3). */
  classicTokenLifetimeSeconds: number;
  /** How long a refresh token works on after it was exchanged; 0 = it dies at once (facts 1.4). */
  refreshGraceSeconds: number;
  /** A dead refresh token that is used again takes everything of its consent with it. */
  refreshReplayRevokes: boolean;
  /** Renewing ends the access tokens made before. */
  refreshEndsAccess: boolean;
  /** A code that comes again takes the tokens it gave with it (RFC 6749 4.1.2). */
  codeReplayRevokes: boolean;
  /** Body of the 401 for a bad client (facts 1.7). */
  badClientBody: 'oauth' | 'api' | 'not-json' | 'empty';
  /** False: no `id_token`. */
  idToken: boolean;
  /** A Classic `read` token may read by POST /analytics (facts 11). */
  classicReadPostsAnalytics: boolean;
}

export const DEFAULT_OAUTH_SETTINGS: Readonly<OAuthSettings> = {
  consentInvalidScope: 'only-openid',
  authorizeErrors: 'redirect',
  echoState: true,
  foreignAccount: 'allow',
  classicTokenLifetimeSeconds: 864_000,
  refreshGraceSeconds: 0,
  refreshReplayRevokes: false,
  refreshEndsAccess: false,
  codeReplayRevokes: true,
  badClientBody: 'oauth',
  idToken: true,
  classicReadPostsAnalytics: false,
};
