import { softwareSubscriptionResource, type SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { Hand } from './hands.ts';
import { iso, namespace } from './subscriptions.ts';
import type { World } from './world.ts';

/** What backups, tools and reverted commits do to candidates: what was there is gone, or is there again. */
export const memoryHands = [
  { name: 'loseStatus', weight: 0.5, of: 'Candidate', act: (world) => editAny(world, (one) => void delete one.status) },
  { name: 'backUp', weight: 0.8, of: 'Candidate', act: backUp },
  { name: 'putStatusBack', weight: 0.5, of: 'Candidate', act: putStatusBack },
  { name: 'restoreBackup', weight: 0.7, of: 'Candidate', act: restoreBackup },
  { name: 'reapply', weight: 0.8, of: 'Candidate', act: reapply },
  { name: 'resolveOtherwise', weight: 0.3, of: 'Objects', act: resolveOtherwise },
] as const satisfies readonly Hand[];

const byName = ({ metadata: { name } }: RemovalCandidate) => ({ namespace, name });

/** After a claim nothing can be seen any more that changes, so while somebody works those that are claimed are left alone. */
export function isFree({ lookers }: World, { status }: RemovalCandidate): boolean {
  return lookers === 0 || status?.attempt?.phase !== 'Claimed';
}

function pickFree(world: World, among?: ReadonlyMap<string, unknown>): RemovalCandidate | undefined {
  const all = world.cluster.list<RemovalCandidate>(removalCandidateResource);
  return world.dice.maybePick(all.filter((one) => isFree(world, one) && among?.has(one.metadata.name) !== false));
}

function editAny(world: World, change: (candidate: RemovalCandidate) => void): boolean {
  const found = pickFree(world);
  if (found === undefined) return false;
  world.cluster.change<RemovalCandidate>(removalCandidateResource, byName(found), change);
  return true;
}

/** Of all candidates, as they are; a few backups are kept. */
function backUp(world: World): boolean {
  const all = world.cluster.list<RemovalCandidate>(removalCandidateResource);
  if (all.length > 0) world.backups.push(new Map(all.map((one) => [one.metadata.name, one])));
  if (world.backups.length > 3) world.backups.splice(world.dice.between(0, 3), 1);
  return all.length > 0;
}

/** An older status under the same uid, as `kubectl replace` puts it. */
function putStatusBack(world: World): boolean {
  const backup = world.dice.maybePick(world.backups) ?? new Map<string, RemovalCandidate>();
  const live = pickFree(world, backup);
  const former = live === undefined ? undefined : backup.get(live.metadata.name);
  if (live === undefined || former?.metadata.uid !== live.metadata.uid) return false;
  world.cluster.change<RemovalCandidate>(removalCandidateResource, byName(live), (one) => {
    if (former?.status === undefined) delete one.status;
    else one.status = former.status;
    if (world.dice.chance(0.5) && former !== undefined) one.spec = former.spec;
  });
  return true;
}

/** Some or all of a backup under new uids; without status is what Velero does. */
function restoreBackup(world: World): boolean {
  const { dice, cluster, clock } = world;
  const backup = dice.maybePick(world.backups);
  if (backup === undefined) return false;
  const isWithStatus = dice.chance(0.4);
  const share = dice.pick([0.3, 1]);
  const live = new Map(cluster.list<RemovalCandidate>(removalCandidateResource).map((one) => [one.metadata.name, one]));
  const chosen = dice.some([...backup.values()], share).filter(({ metadata }) => {
    const present = live.get(metadata.name);
    return present === undefined || isFree(world, present);
  });
  for (const { status, metadata: { uid: _uid, deletionTimestamp: _gone, ...metadata }, ...rest } of chosen) {
    cluster.remove(removalCandidateResource, { namespace, name: metadata.name });
    const creationTimestamp = iso(clock.now() + (cluster.aheadMs ?? 0));
    cluster.put<RemovalCandidate>(removalCandidateResource, { ...rest, metadata: { ...metadata, creationTimestamp }, ...(isWithStatus && status !== undefined ? { status } : {}) });
  }
  return chosen.length > 0;
}

/** A commit that was reverted is applied again, word for word, or one of long ago still is in a branch. */
function reapply(world: World): boolean {
  const { dice, decided } = world;
  const made = dice.maybePick(decided.filter(({ verdict }) => verdict === 'Reclaim' || verdict === 'ResumeReclaim'));
  const live = world.cluster.get<RemovalCandidate>(removalCandidateResource, { namespace, name: made?.candidate ?? '' });
  if (made === undefined || live === undefined || !isFree(world, live)) return false;
  const decision = Object.fromEntries(JSON.parse(made.text) as [string, string][]) as unknown as NonNullable<RemovalCandidate['spec']['decision']>;
  world.cluster.change<RemovalCandidate>(removalCandidateResource, byName(live), (one) => void (one.spec.decision = decision));
  return true;
}

/** Somebody mends where the notices of a person go to. */
function resolveOtherwise(world: World): boolean {
  const { dice, cluster, resolved } = world;
  const asked = cluster.list<RemovalCandidate>(removalCandidateResource).filter(({ status }) => status?.state === 'AwaitingUser').map(({ spec }) => spec.subject.subscriptionRef.name);
  const name = dice.maybePick(asked);
  const someone = name === undefined ? undefined : cluster.get<SoftwareSubscription>(softwareSubscriptionResource, { namespace, name });
  if (someone === undefined) return false;
  const resolvedEmail = `mail-${dice.between(1, 1e6)}@example.com`;
  resolved.set(someone.spec.externalUserId, { of: someone.spec.userPrincipalName, resolvedEmail });
  cluster.change<SoftwareSubscription>(softwareSubscriptionResource, { namespace, name: someone.metadata.name }, ({ spec }) => void (spec.resolvedEmail = resolvedEmail));
  return true;
}
