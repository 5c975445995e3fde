import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { removalCandidateResource } from '../../operator/api/removal-candidate.ts';
import { answer, forgeAnswer } from './answers.ts';
import { isFree, memoryHands } from './hands-memory.ts';
import { reclaimHands } from './hands-objects.ts';
import { refreshHands } from './hands-refresh.ts';
import { timeHands } from './hands-time.ts';
import { vendorHands } from './hands-vendor.ts';
import { decisionText, readAsPerson, requestText, type Reading } from './people.ts';
import { iso, namespace } from './subscriptions.ts';
import type { World } from './world.ts';

/** Something that somebody else does while the operator works. */
export interface Hand {
  readonly name: string;
  /** Relative to the others. */
  readonly weight: number;
  /** Candidate: its spec or answer, which claims are protected against by its version. Vendor, Objects: what is read before a write. Person: who and what somebody is at the vendor, which is read last. Time: clocks. */
  readonly of: 'Candidate' | 'Objects' | 'Vendor' | 'Person' | 'Time';
  /** False = there was nothing to do. */
  readonly act: (world: World) => unknown;
}

const candidateHands = [
  { name: 'decideReclaim', weight: 9, of: 'Candidate', act: (world) => decideSome(world) },
  { name: 'decideResume', weight: 1.5, of: 'Candidate', act: (world) => decide(world, 'ResumeReclaim') },
  { name: 'decideKeep', weight: 0.4, of: 'Candidate', act: (world) => decide(world, 'Keep') },
  { name: 'dismiss', weight: 0.2, of: 'Candidate', act: (world) => decide(world, world.dice.pick(['CloseComplete', 'CloseSkipped'])) },
  { name: 'withdraw', weight: 0.6, of: 'Candidate', act: (world) => edit(world, ({ spec }) => void delete spec.decision) !== undefined },
  { name: 'answerKeep', weight: 0.6, of: 'Candidate', act: async (world) => answer(world, 'Keep') },
  { name: 'answerRelease', weight: 0.6, of: 'Candidate', act: async (world) => answer(world, 'Release') },
  { name: 'closeElsewhere', weight: 0, of: 'Candidate', act: (world) => void edit(world, (one) => void (one.status = { ...one.status, state: 'ClosedSkipped', reason: 'Dismissed', closedAt: iso(world.clock.now()) })) },
  { name: 'forgeAnswer', weight: 0.3, of: 'Candidate', act: forgeAnswer },
  { name: 'restore', weight: 2, of: 'Candidate', act: (world) => restore(world) },
] as const satisfies readonly Hand[];

const all = [...candidateHands, ...memoryHands, ...reclaimHands, ...refreshHands, ...vendorHands, ...timeHands] as const;
export type HandName = (typeof all)[number]['name'];
export const hands: readonly (Hand & { readonly name: HandName })[] = all;

/** One hand, by the weights of the world, of those that may move now. */
export async function moveHand(world: World, of: readonly Hand['of'][], only?: readonly HandName[]): Promise<void> {
  const { hands: weights = {}, isQuiet = false } = world.focus;
  const weightOf = ({ name, weight, of: whose }: (typeof hands)[number]): number => weights[name] ?? (only?.includes(name) === true ? 1 : isQuiet && whose !== 'Candidate' ? 0 : weight);
  const may = hands.filter((hand) => of.includes(hand.of) && (only?.includes(hand.name) ?? true)).map((hand) => ({ ...hand, weight: weightOf(hand) }));
  if (!may.some(({ weight }) => weight > 0)) return;
  const hand = world.dice.weigh(may);
  if ((await hand.act(world)) !== false) world.moves.set(hand.name, (world.moves.get(hand.name) ?? 0) + 1);
}

function candidatesOf({ cluster }: World, closed: boolean): RemovalCandidate[] {
  const isClosed = ({ status }: RemovalCandidate): boolean => status?.state?.startsWith('Closed') === true;
  return cluster.list<RemovalCandidate>(removalCandidateResource).filter((candidate) => isClosed(candidate) === closed);
}

/** A candidate whose attempt is under way is left alone: what comes after the claim comes too late. */
function edit(world: World, change: (candidate: RemovalCandidate) => void, closed = false): RemovalCandidate | undefined {
  const candidate = world.dice.maybePick(candidatesOf(world, closed).filter((one) => isFree(world, one)));
  if (candidate === undefined) return undefined;
  world.cluster.change<RemovalCandidate>(removalCandidateResource, { namespace, name: candidate.metadata.name }, (live) => change(live));
  return candidate;
}

function decide(world: World, verdict: 'Reclaim' | 'ResumeReclaim' | 'Keep' | 'CloseComplete' | 'CloseSkipped'): void {
  const { clock, decided, simulator, dice } = world;
  const at = clock.now();
  const reason = dice.chance(0.2) ? 'sam.rivera@example.com does not need it' : 'not needed';
  // The clock of a laptop; a hand that puts an old file back looks the same.
  const behind = dice.chance(0.3) ? dice.between(0, 900_000) : 0;
  edit(world, (candidate) => {
    const reading = lookAtIt(world, candidate);
    const decision = { verdict, by: 'maria', at: iso(at - behind), reason, ...(reading.confirms === undefined ? {} : { confirms: reading.confirms }) };
    candidate.spec.decision = decision;
    const origin = candidate.spec.origin?.id ?? '';
    decided.push({ ...reading, candidate: candidate.metadata.name, origin, verdict, text: decisionText(decision), at, journalEnd: simulator.journal.list().length });
  });
}

/** Whoever decides has looked at it just now, or a while ago. */
function lookAtIt(world: World, candidate: RemovalCandidate): Reading {
  const { name } = candidate.metadata;
  const former = world.readings.get(name);
  if (former !== undefined && world.dice.chance(0.15)) return former;
  const reading = readAsPerson(world, candidate);
  world.readings.set(name, reading);
  return reading;
}

/** At any time; mostly of what was reclaimed. */
function restore(world: World): boolean {
  const { dice, cluster, clock, restores } = world;
  const free = cluster.list<RemovalCandidate>(removalCandidateResource).filter((one) => isFree(world, one));
  const attempted = free.filter(({ status }) => status?.attempt !== undefined);
  const found = dice.maybePick(dice.chance(0.9) ? attempted : free);
  if (found === undefined) return false;
  const request = { by: 'maria', at: iso(clock.now()), reason: dice.pick(['needed', 'needed after all', 'a mistake']) };
  cluster.change<RemovalCandidate>(removalCandidateResource, { namespace, name: found.metadata.name }, ({ spec }) => void (spec.restore = request));
  restores.push({ origin: found.spec.origin?.id ?? '', text: requestText(request) });
  return true;
}

/** As with `kubectl saaslicense reclaim --all-ready`. */
function decideSome(world: World): void {
  for (let count = world.dice.between(1, 6); count > 0; count -= 1) decide(world, 'Reclaim');
}
