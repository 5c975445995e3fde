import type { RemovalCandidate } from '../api/removal-candidate.ts';
import { undoSecretName } from '../licensing/candidate/names.ts';
import type { Caches } from './caches.ts';
import { objectName } from './object-key.ts';
import type { Queues } from './queues.ts';
import { looksLikeUndo } from './removal-candidate/undo-secret.ts';

/** What makes the operator look when a Secret with what is needed to undo a reclaim goes: its own change, and its candidate’s end. */
export function connectUndoQueue({ stores, secrets }: Pick<Caches, 'stores' | 'secrets'>, { undoSecrets }: Pick<Queues, 'undoSecrets'>): void {
  secrets.subscribe(({ key, new: now }) => {
    if (now !== undefined && looksLikeUndo(now)) undoSecrets.add(key);
  });
  stores.candidates.subscribe(({ key, old, new: now }) => {
    if (now !== undefined && undoOf(old) === undoOf(now)) return;
    const { namespace, name } = objectName(key);
    const secretKey = `${namespace}/${undoSecretName(name)}`;
    const secret = secrets.get(secretKey);
    if (secret !== undefined && looksLikeUndo(secret)) undoSecrets.add(secretKey);
  });
}

function undoOf(candidate: RemovalCandidate | undefined): string {
  return JSON.stringify(candidate?.status?.undo ?? null);
}
