import { removalCandidateResource, type RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { areClocksRight } from './hands-time.ts';
import type { Process } from './process.ts';
import { namespace } from './subscriptions.ts';
import type { World } from './world.ts';

/** What a look may not have seen yet. */
const slackMs = 240_000;

/** Guard 11, D4: the way back stays for as long as was promised, and nothing is deleted by a clock that is wrong. */
export function watchDeletion(world: World, { wasTimely }: Pick<Process, 'wasTimely'>, what: string): void {
  const secret = /^delete secrets [^/]*\/(.+-undo)$/.exec(what)?.[1];
  if (secret === undefined && !what.startsWith('delete removalcandidates ')) return;
  if (!wasTimely && !areClocksRight(world)) world.violations.add('DeletedUntimely');
  const held = world.cluster.list<RemovalCandidate>(removalCandidateResource).filter(({ status }) => secret !== undefined && status?.undo?.secret === secret);
  if (held.some(isNeeded(world))) world.violations.add('UndoDeletedEarly');
}

function isNeeded({ clock }: World): (candidate: RemovalCandidate) => boolean {
  return ({ status: { undo, attempt } = {} }) => attempt !== undefined && (attempt.phase !== 'Refused' || attempt.afterUnclear === true) && Date.parse(undo?.expiresAt ?? '') > clock.now() + slackMs;
}

/** C9: of a status that was written. */
// oxlint-disable-next-line complexity -- one rule of the oracle, each case of it in its place
export function watchKept({ cluster, kept, clock }: World, what: string): void {
  const name = /^apply removalcandidates\/status [^/]*\/(.+)$/.exec(what)?.[1];
  const { spec, status } = name === undefined ? {} : (cluster.get<RemovalCandidate>(removalCandidateResource, { namespace, name }) ?? {});
  const isNews = status?.reason === 'Kept' && kept.findLast(({ candidate }) => candidate === name)?.address !== spec?.subject.userPrincipalName?.toLowerCase();
  if (name !== undefined && isNews) kept.push({ candidate: name, address: (spec?.subject.userPrincipalName ?? '').toLowerCase(), at: clock.now() });
}
