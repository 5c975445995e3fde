import { terminal } from '../../api/errors.ts';
import type { ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import { buildContext } from '../../controllers/reclamation-rule/context.ts';
import { findEvidence } from '../../controllers/reclamation-rule/evidence.ts';
import { backtest, type BacktestReport, type BacktestState } from '../../licensing/reclaim/backtest.ts';
import type { ExclusionFacts } from '../../licensing/position/facts.ts';
import type { JudgeContext, ReclaimSeat } from '../../licensing/reclaim/facts.ts';
import type { Provider } from '../../providers/provider.ts';
import { noteMixed, noteUnseen, storedAs } from '../position/note-runs.ts';
import type { Snapshot } from '../position/snapshot-schema.ts';
import { sceneOf, type JudgedRule, type RecordedScene } from './rule-scene.ts';

/** What `saaslicense backtest` prints with `-o json`. */
export interface BacktestDocument extends BacktestReport {
  readonly apiVersion: 'backtest.saaslicense.dev/v1';
  readonly namespace: string;
  readonly profile: string;
  readonly rule: string;
  /** What the figures cannot tell, and why. */
  readonly notes: readonly string[];
}

export interface BacktestRequest {
  readonly rule: JudgedRule;
  /** Days, each once. */
  readonly thresholds: readonly number[];
  readonly providers: readonly Provider[];
}

/**
 * What a rule would have found at each recorded time, by threshold, and who came back (D3, C33). The model that it is for and the
 * exclusions are those of the last time. A time at which only a part of the subscriptions was written is left out.
 * @throws OperatorError NoHistory (Terminal) when there are fewer than two times, or they are not of one namespace.
 */
export function backtestSnapshots(snapshots: readonly Snapshot[], { rule, thresholds, providers }: BacktestRequest): BacktestDocument {
  const ordered = snapshots.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const last = ordered.at(-1);
  if (last === undefined) throw terminal('NoHistory', 'Name snapshots with --from: at least two, of different times.');
  checkHistory(ordered, last);
  const scenes = ordered.map((snapshot) => ({ snapshot, at: Date.parse(snapshot.at), recorded: sceneOf(snapshot, rule, providers) }));
  const latest = scenes.at(-1)?.recorded ?? sceneOf(last, rule, providers);
  const context = buildContext(latest.scene, { watches: new Map(), hold: undefined }, { now: Date.parse(last.at), admins: 0 });
  const variants = thresholds.map((days) => ({ name: variantName(days, rule.spec), rule: { ...context.rule, spec: withThreshold(rule.spec, days) } }));
  const states = scenes.filter(({ recorded }) => !isMixed(recorded)).map(({ at, recorded }) => toState(recorded, at));
  if (states.length < 2) throw terminal('NoHistory', 'At fewer than two of the times the subscriptions were stored as of one time: at the others a refresh was writing, or had broken off. Name more snapshots.');
  const report = backtest({
    states,
    variants,
    context: { profileType: context.profileType, ownerRole: context.ownerRole, adminRoles: context.adminRoles, exclusions: exclusionsOf(latest, context) },
    reclaimed: reclaimedOf(last, latest.profile.name),
  });
  return { apiVersion: 'backtest.saaslicense.dev/v1', namespace: last.namespace, profile: latest.profile.name, rule: rule.name, notes: findNotes(scenes), ...report };
}

/** A time at which nobody could be judged looks like one at which nobody was inactive. */
function findNotes(scenes: readonly { readonly snapshot: Snapshot; readonly at: number; readonly recorded: RecordedScene }[]): string[] {
  return scenes.flatMap(({ snapshot, at, recorded }) => {
    if (isMixed(recorded)) return noteMixed([tellOf(recorded)]).map((note) => `${snapshot.at} is left out. ${note}`);
    const { watches, hold } = findEvidence(recorded.scene, at);
    if (watches.size === 0) return [`${snapshot.at}: nobody was judged${hold === undefined ? '' : ` (${hold.reason})`}: there was no evidence to be trusted.`];
    return noteUnseen([tellOf(recorded)]).map((note) => `${snapshot.at}: ${note}`);
  });
}

function tellOf({ profile }: RecordedScene) {
  return { name: profile.name, storedAs: storedAs(profile) };
}

/** Whoever is missing from one half has not left. */
function isMixed({ scene }: RecordedScene): boolean {
  return scene.isRefreshing || scene.isHalfWritten;
}

function checkHistory(ordered: readonly Snapshot[], last: Snapshot): void {
  const stranger = ordered.find(({ namespace }) => namespace !== last.namespace);
  if (stranger !== undefined) throw terminal('NoHistory', `The snapshots are of namespaces ${stranger.namespace} and ${last.namespace}: name those of one namespace.`);
  if (new Set(ordered.map(({ at }) => at)).size < Math.max(2, ordered.length)) throw terminal('NoHistory', 'A backtest needs at least two snapshots, each of another time: who came back is seen in the later ones.');
}

/** Nobody is judged by evidence that was not to be trusted then, whatever became of it. */
function toState({ scene, seats, isSettled }: RecordedScene, at: number): BacktestState {
  return { at, seats: seats.filter((seat) => !isSettled(seat)).map(named), watches: findEvidence(scene, at).watches };
}

/** Pseudonyms are of one snapshot; the subscription is the same in all, and so is since when its person has it. */
function named(seat: ReclaimSeat): ReclaimSeat {
  const name = nameOf(seat);
  return { ...seat, name, person: name, aliases: [] };
}

/** The newcomer of a seat that was handed over is not the former person come back. */
function nameOf({ name, personSince }: ReclaimSeat): string {
  return personSince === undefined ? name : `${name} since ${new Date(personSince).toISOString()}`;
}

/** Exclusions of people, as those of the subscriptions that they have. */
function exclusionsOf({ seats }: RecordedScene, { exclusions }: Pick<JudgeContext, 'exclusions'>): ExclusionFacts[] {
  return exclusions.flatMap((exclusion) => {
    const { person } = exclusion;
    if (person === undefined) return [exclusion];
    const theirs = seats.filter((seat) => [seat.person, ...seat.aliases].includes(person));
    return theirs.map(nameOf).map((name) => ({ name: `${exclusion.name} ${name}`, person: name }));
  });
}

function reclaimedOf({ candidates }: Snapshot, profile: string): ReadonlySet<string> {
  const done = candidates.filter((candidate) => candidate.profile === profile && candidate.state === 'ClosedComplete');
  return new Set(done.flatMap(({ subscription }) => (subscription === undefined ? [] : [subscription])));
}

function withThreshold(spec: ReclamationRuleSpec, days: number): ReclamationRuleSpec {
  return { ...spec, lastActivityThresholdDays: days };
}

function variantName(days: number, { lastActivityThresholdDays }: ReclamationRuleSpec): string {
  return days === lastActivityThresholdDays ? `${days} days, as it is` : `${days} days`;
}
