import { compact } from '../../api/compact.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { AuditEntry } from '../../audit/trail.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { indexes, type ControllerDependencies } from '../dependencies.ts';
import { objectName } from '../object-key.ts';
import { profileOf } from '../profile-of.ts';
import { readCandidate } from '../removal-candidate/gather.ts';
import { aboutCandidate } from '../removal-candidate/records.ts';
import { recordFact } from '../removal-candidate/settle.ts';
import { deleteUndoSecret, expiryOf, isUndoSecret, looksLikeUndo, personOfUndo, savedBy } from '../removal-candidate/undo-secret.ts';
import type { Secret } from '../secrets.ts';
import { decideUndo, ownerOf, type UndoFate } from './decide-undo.ts';

/** What has happened is recorded even while the process ends. */
const recordingMs = 10_000;
/** How soon it is looked again while the clock is not trusted. */
const untrustedRecheckMs = 60_000;

export interface UndoDependencies extends Pick<ControllerDependencies, 'client' | 'clock' | 'clockTrust' | 'audit' | 'events' | 'logger'> {
  readonly stores: {
    readonly candidates: Pick<ControllerDependencies['stores']['candidates'], 'byIndex'>;
    readonly profiles: Pick<ControllerDependencies['stores']['profiles'], 'byIndex'>;
  };
  /** Metadata of the Secrets that are watched. */
  readonly secrets: { get(key: string): KubernetesObject | undefined };
}

/**
 * Deletes what is needed to undo a reclaim when it has expired and its candidate does not see to it: because it was deleted by hand,
 * because it never came to an attempt, or because it is stuck. Nothing is called before it is due; then Secret and candidate are read
 * live, and what was read is what is deleted. While the operator's clock cannot be trusted, nothing is (guard 11).
 */
export async function reconcileUndo(key: string, dependencies: UndoDependencies, signal: AbortSignal): Promise<{ requeueAfterMs?: number }> {
  const { client, secrets, stores } = dependencies;
  const seen = secrets.get(key);
  if (seen === undefined || !looksLikeUndo(seen)) return {};
  const { namespace, name } = objectName(key);
  const [cached] = stores.candidates.byIndex(indexes.byUndoSecret, key);
  const fate = decideNow(seen, cached, dependencies);
  if (fate.kind === 'Keep') return wish(fate);
  const secret = await client.get<Secret>(coreResources.Secret, { namespace, name }, { signal });
  if (secret === undefined) {
    // It was due, and may have gone by an earlier look that could not find out so.
    await record(seen, { candidate: ownerOf(seen, cached), candidateName: savedBy(seen) }, 'FoundGone', dependencies);
    return {};
  }
  if (!isUndoSecret(secret)) return {};
  const candidateName = cached?.metadata.name ?? savedBy(secret);
  const candidate = candidateName === undefined ? undefined : await readCandidate({ namespace, name: candidateName }, { client, signal });
  const live = decideNow(secret, candidate, dependencies);
  if (live.kind === 'Keep') return wish(live);
  await deleteUndoSecret(secret, { client, signal });
  await tell(secret, { candidate: ownerOf(secret, candidate), candidateName }, dependencies);
  return {};
}

/** What is due waits while the clock that says so cannot be trusted (guard 11): a deletion cannot be taken back. */
function decideNow(secret: KubernetesObject, candidate: RemovalCandidate | undefined, { clock, clockTrust }: UndoDependencies): UndoFate {
  const fate = decideUndo(secret, candidate, clock.now());
  return fate.kind === 'Keep' || clockTrust.isTrusted() ? fate : { kind: 'Keep', requeueAfterMs: untrustedRecheckMs };
}

function wish({ requeueAfterMs }: { readonly requeueAfterMs?: number }): { requeueAfterMs?: number } {
  return compact({ requeueAfterMs });
}

interface Owner {
  readonly candidate: RemovalCandidate | undefined;
  readonly candidateName: string | undefined;
}

/** In the trail, and where people look: at the candidate; where that is gone, at the profile. */
async function tell(secret: Secret, owner: Owner, dependencies: UndoDependencies): Promise<void> {
  const about = await record(secret, owner, owner.candidate === undefined ? 'CandidateGone' : 'LeftOver', dependencies);
  dependencies.events.record(about, { type: 'Normal', reason: 'UndoExpired', action: 'DeleteUndo', note: noteOf(secret, owner) });
}

/** Gives what it is about. */
async function record(secret: Secret, owner: Owner, cause: string, { stores, audit, events, logger }: UndoDependencies): Promise<KubernetesObject> {
  const [profile] = profileOf(secret).flatMap((value) => stores.profiles.byIndex(indexes.byProfile, value));
  const about = owner.candidate ?? profile ?? secret;
  const entry: AuditEntry = { ...factsOf(secret, owner, profile), event: 'BundleDeleted', actor: 'operator', data: compact({ cause, expiresAt: expiryOf(secret), secret: secret.metadata.name }) };
  await recordFact(about, entry, { dependencies: { audit, events, logger }, signal: AbortSignal.timeout(recordingMs) });
  return about;
}

/** No name and no address: the bundle gives the vendor’s id alone. */
function factsOf(secret: Secret, { candidate, candidateName }: Owner, profile: IntegrationProfile | undefined): Partial<AuditEntry> {
  return candidate === undefined ? compact({ profile: profile?.metadata.name, candidate: candidateName, externalUserId: personOfUndo(secret) }) : aboutCandidate(candidate);
}

function noteOf({ metadata: { name } }: Secret, { candidate, candidateName }: Owner): string {
  const gone = `The Secret ${name} has expired and was deleted:`;
  const wayBack = candidate?.status?.undo?.secret ?? '';
  if (wayBack !== '' && wayBack !== name) return `${gone} it was of an attempt that another followed, whose own is in ${wayBack}.`;
  return `${gone} the reclaim${candidateName === undefined ? '' : ` of RemovalCandidate ${candidateName}`} cannot be undone any more.`;
}
