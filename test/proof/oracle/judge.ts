import type { IntegrationProfile } from '../../../operator/api/integration-profile.ts';
import type { Witness } from '../witness.ts';
import { isUndoing } from '../vendor-line.ts';
import { apiKey, type World } from '../world.ts';
import { findDoubles, findOverCaps, isOverBudget } from './journal.ts';
import { findInObjects, leaversOf, slackMs, type AtWrite } from './objects.ts';
import { findInUndos } from './undo.ts';
import { findAtVendor, findEmptied } from './vendor.ts';

/** Everything that was done to the account and must not have been, by name. */
export function judgeWorld(world: World): string[] {
  const writes = world.witnesses.filter((seen) => !isRestore(seen));
  const found = new Set([...world.violations, ...findDoubles(world, writes), ...findInUndos(world), ...findSaid(world)]);
  for (const seen of writes) for (const name of judgeWrite(world, seen, writes)) found.add(name);
  return [...found];
}

export function reclaimsOf(world: World): Witness[] {
  return world.witnesses.filter((seen) => !isRestore(seen));
}

/** What gives a person back what they had is no reclaim. */
function isRestore({ candidate, records }: Witness): boolean {
  return isUndoing(records.map(({ spec }) => spec), candidate);
}

export function judgeWrite(world: World, seen: Witness, writes: readonly Witness[]): string[] {
  const { objects } = seen;
  const candidate = objects.candidates.find(({ metadata }) => metadata.name === seen.candidate);
  const rule = objects.rules.find(({ metadata }) => metadata.name === candidate?.spec.subject.ruleRef.name);
  if (candidate === undefined || rule === undefined) return ['NoCandidate'];
  const subscription = objects.subscriptions.find(({ metadata }) => metadata.name === candidate.spec.subject.subscriptionRef.name);
  const at: AtWrite = { world, seen, objects, candidate, rule, subscription };
  const isOver = isOverBudget(rule, { writes, last: seen });
  return [...findInObjects(at), ...judgeVendor(at), ...(isOver ? ['OverBudget'] : []), ...findOverCaps(world, objects.profile, { writes, last: seen }), ...((seen.evaluated.get(rule.metadata.name)?.ratio ?? 0) > rule.spec.limits.maxCandidateRatio ? ['OverRatio'] : [])];
}

function judgeVendor({ world, seen, objects, candidate, rule, subscription }: AtWrite): string[] {
  const { company } = seen;
  const { profile } = objects;
  const person = company.users.find(({ id }) => id === seen.person);
  // Gone already: nothing can happen to them any more.
  if (person === undefined) return [];
  const at = { company, person, candidate, rule, subscription, evidenceTo: evidenceEnd(profile), now: seen.at - slackMs, hasSelf: world.hasSelf, identityProvider: profile?.spec.ownership?.identityProvider ?? 'Detected', seatSince: seen.seatSince, isLeaver: leaversOf(objects, rule).has(person.email.toLowerCase()) };
  const emptied = seen.entry?.outcome === 'done' ? findEmptied(company, seen.person) : [];
  return [...findAtVendor(at), ...emptied];
}

/** The latest, where signals differ: the vendor is asked from the earliest on. */
function evidenceEnd(profile: IntegrationProfile | undefined): number {
  const ends = (profile?.status?.refresh?.activity?.signals ?? []).map(({ to }) => Date.parse(to ?? ''));
  return Math.max(...ends.filter((to) => !Number.isNaN(to)), -Infinity);
}

const address = /[A-Za-z0-9._%+-]+@(?!saaslicense)[A-Za-z0-9-]+\.[A-Za-z]{2,}/;

/** Guard 7: no address and no secret in what people read. */
function findSaid({ said, cluster, records }: World): string[] {
  const conditions = ['reclamationrules', 'removalcandidates', 'integrationprofiles'].flatMap((plural) =>
    cluster.list<{ metadata: { name: string }; status?: { conditions?: readonly object[]; history?: readonly object[]; held?: object } }>({ apiVersion: '', kind: '', plural, namespaced: true }).map(({ status }) => JSON.stringify([status?.conditions, status?.history, status?.held])),
  );
  const audit = records.list({ apiVersion: '', kind: '', plural: 'auditrecords', namespaced: true }).map((record) => JSON.stringify(record));
  const texts = [...said, ...conditions, ...audit];
  return [...(texts.some((text) => address.test(text)) ? ['AddressSaid'] : []), ...(texts.some((text) => text.includes(apiKey)) ? ['SecretSaid'] : [])];
}
