import type { RemovalCandidate } from '../api/removal-candidate.ts';
import type { Caches } from './caches.ts';
import type { Queues } from './queues.ts';
import { looksLikeUndo } from './removal-candidate/undo-secret.ts';
import { undoSecretsOf } from './undo-secret/undo-secrets-of.ts';

/** What makes the operator look when a Secret with what is needed to undo a reclaim goes: its own change, and its candidate’s end. */
export function connectUndoQueue({ stores, secrets }: Pick<Caches, 'stores' | 'secrets'>, { undoSecrets }: Pick<Queues, 'undoSecrets'>): void {
  secrets.subscribe(({ key, new: now }) => {
    if (now !== undefined && looksLikeUndo(now)) undoSecrets.add(key);
  });
  stores.candidates.subscribe(({ old, new: now }) => {
    if (now !== undefined && undoOf(old) === undoOf(now)) return;
    for (const key of new Set([old, now].flatMap((candidate) => (candidate === undefined ? [] : undoSecretsOf(candidate))))) {
      const secret = secrets.get(key);
      if (secret !== undefined && looksLikeUndo(secret)) undoSecrets.add(key);
    }
  });
}

function undoOf(candidate: RemovalCandidate | undefined): string {
  return JSON.stringify(candidate?.status?.undo ?? null);
}
