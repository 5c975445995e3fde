import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { undoSecretNames } from '../../licensing/candidate/names.ts';

/** Keys of the Secrets that may hold what is needed to undo the reclaim: the one that status names, and those that an attempt would make. */
export function undoSecretsOf({ metadata, status }: RemovalCandidate): string[] {
  const named = status?.undo?.secret ?? '';
  const names = new Set([...undoSecretNames(metadata.name, metadata.uid ?? ''), ...(named === '' ? [] : [named])]);
  return Array.from(names, (name) => `${metadata.namespace ?? ''}/${name}`);
}
