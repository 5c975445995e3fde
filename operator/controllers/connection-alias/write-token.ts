import { annotations } from '../../api/group.ts';
import { terminal } from '../../api/errors.ts';
import { tokenSecretName, type StoredToken } from '../../api/token-secret.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { changeOwnedSecret, createOwnedSecret } from '../authorization/owned-secret.ts';
import { encodeTokenSecret, type Secret } from '../secrets.ts';
import type { AliasInput, TokenSecret } from './input.ts';
import { loginOf } from './read-credential.ts';

/**
 * Puts an access token into `<alias>-token`: by POST where there is none, else under the uid and version that were
 * read, so that a Secret which came or changed in between is never overwritten (Conflict). The Secret as it is then.
 */
export async function writeTokenSecret(
  { alias, spec, tokenSecret }: Pick<AliasInput, 'alias' | 'spec' | 'tokenSecret'>,
  token: { readonly stored: StoredToken; readonly credentialHash: string },
  tools: { client: Pick<KubernetesClient, 'create' | 'mergePatch'>; signal: AbortSignal },
): Promise<TokenSecret> {
  const login = loginOf(spec) ?? '';
  const write = {
    name: tokenSecretName(alias.metadata.name),
    annotations: { [annotations.intentHash]: token.credentialHash, [annotations.login]: login },
    data: encodeTokenSecret(token.stored),
  };
  if (tokenSecret.kind === 'Foreign') throw terminal('NotOwned', `Secret ${write.name} exists and is not this alias's.`);
  const written = await (tokenSecret.kind === 'Absent' ? createOwnedSecret(alias, write, tools) : changeOwnedSecret(alias, tokenSecret, write, tools));
  return toPresent(written, { ...token, login });
}

function toPresent({ metadata }: Secret, token: { stored: StoredToken; credentialHash: string; login: string }): TokenSecret {
  return { kind: 'Present', uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '', ...token };
}
