import type { Clock } from '../../api/clock.ts';
import { terminal } from '../../api/errors.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { undoSecretName } from '../../licensing/candidate/names.ts';
import { mayTakeEffect, restoreRequestOf, undoExpiryOf } from '../../licensing/candidate/undo-expiry.ts';

export interface RestoreFlow {
  readonly client: Pick<KubernetesClient, 'get' | 'mergePatch'>;
  readonly clock: Clock;
  readonly namespace: string;
  readonly candidate: string;
  /** Who asks, and why. */
  readonly request: NonNullable<RemovalCandidate['spec']['restore']>;
  /** 0 = asks, and does not wait. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type RestoreOutcome =
  | { readonly kind: 'Asked' }
  /** `text` tells what was restored and what was not. */
  | { readonly kind: 'Restored'; readonly at: string; readonly text: string }
  | { readonly kind: 'TimedOut'; readonly standing: string };

const fieldManager = 'saaslicense-restore';
const pollMs = 500;

/**
 * Asks the operator to undo a reclaim and waits for it (C29, D4): it has the bundle and the credentials, and whoever asks needs neither.
 * @throws OperatorError (Terminal) when nothing can be restored.
 */
export async function restore(flow: RestoreFlow): Promise<RestoreOutcome> {
  const candidate = await read(flow);
  const refusal = findRestoreRefusal(candidate, flow.clock.now());
  if (refusal !== undefined) throw terminal('NothingToRestore', `RemovalCandidate ${flow.candidate} cannot be restored: ${refusal}.`);
  const { client, namespace } = flow;
  await client.mergePatch(removalCandidateResource, { namespace, name: flow.candidate }, { spec: { restore: flow.request } }, { fieldManager });
  return flow.timeoutMs === 0 ? { kind: 'Asked' } : wait(flow);
}

/** Why nothing of it can be restored; undefined when it can. */
export function findRestoreRefusal(candidate: RemovalCandidate, now: number): string | undefined {
  const { state, undo, attempt } = candidate.status ?? {};
  if (attempt === undefined || !mayTakeEffect(attempt)) return `the operator has reclaimed nothing; the candidate is ${state ?? 'new'}`;
  if (undo === undefined) return 'nothing was saved before it: it was not reclaimed by the operator';
  if (undo.secret === '' || undoExpiryOf(candidate) <= now) return 'what was saved has been deleted, as spec.undoRetentionDays of the rule says';
  return undefined;
}

async function read({ client, namespace, candidate: name, signal }: RestoreFlow): Promise<RemovalCandidate> {
  const candidate = await client.get<RemovalCandidate>(removalCandidateResource, { namespace, name }, { signal });
  if (candidate === undefined) throw terminal('CandidateGone', `There is no RemovalCandidate ${name} in namespace ${namespace}. ${wayBack(name)}`);
  return candidate;
}

/** It outlives its candidate (docs/reclaim.md); whoever asks may not be allowed to look whether it is there. */
function wayBack(name: string): string {
  const secret = undoSecretName(name);
  return `If it was reclaimed and then deleted by hand, what was saved is in the Secret ${secret} until its annotation saaslicense.dev/expires-at: restore the candidate from a backup and ask again (docs/reclaim.md, "When the candidate was deleted").`;
}

async function wait(flow: RestoreFlow): Promise<RestoreOutcome> {
  const end = flow.clock.now() + flow.timeoutMs;
  for (;;) {
    const candidate = await read(flow);
    const done = restoredOf(candidate, restoreRequestOf({ spec: { ...candidate.spec, restore: flow.request } }));
    if (done !== undefined) return done;
    if (flow.clock.now() >= end) return { kind: 'TimedOut', standing: standingOf(candidate) };
    await flow.clock.sleep(Math.min(pollMs, Math.max(1, end - flow.clock.now())), flow.signal);
  }
}

function restoredOf({ status }: RemovalCandidate, request: string | undefined): { readonly kind: 'Restored'; readonly at: string; readonly text: string } | undefined {
  const { restoredAt: at, restoredFor } = status?.undo ?? {};
  if (at === undefined || restoredFor !== request) return undefined;
  const note = status?.history?.findLast(({ reason }) => reason === 'Restored');
  return { kind: 'Restored', at, text: note?.text ?? 'status.history does not say any more what was restored.' };
}

/** What the operator says of it meanwhile. */
function standingOf({ status }: RemovalCandidate): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready === undefined ? 'the operator has said nothing of it yet' : `the operator says ${ready.reason}: ${ready.message}`;
}
