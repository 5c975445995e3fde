import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { undoSecretName } from '../../licensing/candidate/names.ts';

/** Keys of the Secrets that may hold what is needed to undo the reclaim: the one that status names, and the one that an attempt would make. */
export function undoSecretsOf({ metadata, status }: RemovalCandidate): string[] {
  const named = status?.undo?.secret ?? '';
  const names = new Set([undoSecretName(metadata.name), ...(named === '' ? [] : [named])]);
  return Array.from(names, (name) => `${metadata.namespace ?? ''}/${name}`);
}
