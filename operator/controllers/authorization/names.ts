/** Name of the Secret with the consent of an alias: verifier, refresh token, claims. Only the operator reads it. */
export function authorizationSecretName(aliasName: string): string {
  return `${aliasName}-authorization`;
}

/** Name of the Secret into which `saaslicense authorize` puts a redirect; it never holds anything else. */
export function redirectSecretName(aliasName: string): string {
  return `${aliasName}-redirect`;
}

/** Path of every redirect URL (S21). */
export const redirectPath = '/oauth_redirect.do';
