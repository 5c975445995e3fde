import { canonicalText, hashName } from './hash.ts';

/**
 * Identity of a connection: another alias object, provider type or provider settings (account, region,
 * endpoints) make another one; a rotated secret does not. What was pulled through one connection is never
 * continued through another (guard 6). `settings` are those of the effective alias.
 */
export function connectionId(connection: { readonly type: string; readonly aliasUid: string; readonly settings: unknown }): string {
  return hashName(canonicalText(connection));
}
