import { compact } from '../../api/compact.ts';
import { OperatorError } from '../../api/errors.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../api/integration-profile.ts';
import type { CandidateNote } from '../../api/removal-candidate-status.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { isRestoreAwaited, restoreRequestOf } from '../../licensing/candidate/undo-expiry.ts';
import { hideAddresses, storable } from '../../licensing/text.ts';
import type { RestoreReport } from '../../providers/reclaim.ts';
import { askVendor } from './ask-vendor.ts';
import { readCandidate } from './gather.ts';
import { busy, held } from './held.ts';
import type { EventNote } from '../../kubernetes/event-recorder.ts';
import type { Standing } from './plan.ts';
import { inTurn, timeLeft, type HeldTurn } from './in-turn.ts';
import { recallCandidate } from './recover.ts';
import { aboutCandidate } from './records.ts';
import { isStanding, ofFailure, openReclaimSession, type ReclaimSession } from './session.ts';
import { recordFact, settleFact, type Carried, type Outcome, type Pass } from './settle.ts';
import { timeOf, toText } from './times.ts';
import { readUndo, type UndoContent } from './undo-secret.ts';

/** Less than a turn lasts. */
const restoringMs = 200_000;
const recordingMs = 10_000;

/**
 * Undoes a reclaim from what was saved before it (D4, C29, guard 10), for whoever asked in spec.restore. It asks for no evidence: a person
 * gets back what they had, as far as it still is as the reclaim left it. It holds the lock of the account and keeps to the limits of the rule,
 * and it works where reclaiming is switched off: whoever has stopped reclaims wants to undo them. One that broke off is called again, and makes nothing twice.
 */
export async function restoreCandidate(candidate: RemovalCandidate, pass: Pass): Promise<Carried> {
  try {
    const prepared = await prepare(candidate, pass);
    if (isStanding(prepared)) return held(candidate, prepared);
    const { opened, undo } = prepared;
    return (await inTurn(candidate, { opened, pass }, async (turn) => restore(candidate, { undo, opened, turn }, pass))) ?? busy(candidate, opened.account, pass);
  } catch (error) {
    if (error instanceof OperatorError && error.failure.kind === 'Terminal') return held(candidate, ofFailure(error.failure));
    throw error;
  }
}

interface Prepared {
  readonly profile: IntegrationProfile;
  readonly opened: ReclaimSession;
  readonly undo: UndoContent;
}

async function prepare({ metadata, spec, status }: RemovalCandidate, { dependencies, signal }: Pass): Promise<Prepared | Standing> {
  const { client } = dependencies;
  const key = { namespace: metadata.namespace ?? '', name: spec.subject.profileRef.name };
  const profile = await client.get<IntegrationProfile>(integrationProfileResource, key, { signal });
  if (profile === undefined || profile.metadata.deletionTimestamp !== undefined) return person('ProfileGone', `There is no IntegrationProfile ${key.name} to restore with.`);
  const refused = findRefusal(compact({ status }), profile);
  if (refused !== undefined) return refused;
  const opened = await openReclaimSession(profile, dependencies, signal);
  if (isStanding(opened)) return opened;
  const undo = await readUndo({ metadata, spec, ...compact({ status }) }, { client, signal });
  if (undo === undefined) return person('UndoMissing', 'The Secret with what was saved is gone, so nothing can be restored.');
  if (undo.account !== opened.account) return person('AccountMismatch', 'The person was taken away from another account than the profile reaches now: nothing is restored there.');
  return { profile, opened, undo };
}

/** The checks of a reclaim that are about the account, not about whether somebody should go. */
function findRefusal({ status }: Pick<RemovalCandidate, 'status'>, { metadata: { name }, spec, status: state }: IntegrationProfile): Standing | undefined {
  if (!spec.publish || state?.state !== 'Published') return person('ProfileNotPublished', `The IntegrationProfile ${name} is not published, so nothing is written to its account. Its conditions say what is missing.`);
  if (spec.suspend) return person('ProfileSuspended', `The IntegrationProfile ${name} is suspended. Set its spec.suspend to false to go on.`);
  const [owner] = status?.ownership ?? [];
  return owner === undefined ? undefined : person('OwnedElsewhere', `${owner.managedBy} manages the account: restore the person there, as status.ownership shows.`);
}

/** As many undos within a period as reclaims are allowed: enough to undo all of a period, and a bound on what a mistake can do (guard 10). */
async function isOverLimit(candidate: RemovalCandidate, { dependencies: { client, clock, stores }, signal }: Pass): Promise<boolean> {
  const { namespace = '', uid } = candidate.metadata;
  const { ruleRef } = candidate.spec.subject;
  const rule = stores.rules.get(`${namespace}/${ruleRef.name}`);
  if (rule === undefined) return false;
  const since = clock.now() - rule.spec.evaluationPeriodHours * 3_600_000;
  let restored = 0;
  for await (const page of client.pages<RemovalCandidate>(removalCandidateResource, { namespace, limit: 100, signal })) {
    restored += page.filter(({ metadata, spec, status }) => metadata.uid !== uid && spec.subject.ruleRef.name === ruleRef.name && timeOf(status?.undo?.restoredAt) > since).length;
  }
  return restored >= rule.spec.limits.maxPerRun;
}

function person(reason: string, message: string): Standing {
  return { kind: 'NeedsPerson', reason, message };
}

interface Working extends Pick<Prepared, 'opened' | 'undo'> {
  readonly turn: HeldTurn;
}

async function restore(candidate: RemovalCandidate, { undo, opened, turn }: Working, pass: Pass): Promise<Carried> {
  const { dependencies, signal } = pass;
  const about = { ...aboutCandidate(candidate), actor: candidate.spec.restore?.by ?? 'operator' };
  const waiting = await findWait(candidate, pass);
  if (waiting !== undefined) return held(candidate, waiting);
  const settledBefore = await findSettled(candidate, pass);
  if (settledBefore !== undefined) return settledBefore;
  await dependencies.audit.append(candidate.metadata.namespace ?? '', { ...about, event: 'WriteIntended', data: { action: 'Restore', ...requestData(candidate) } }, signal);
  // A process that stood still while it recorded may have lost the turn: nothing is begun that may take longer than the rest of it.
  if (timeLeft(turn, dependencies.clock.now()) < restoringMs) return busy(candidate, opened.account, pass);
  const report = await restoreAtVendor(candidate, { undo, opened, turn }, pass);
  if (isStanding(report)) return held(candidate, report);
  const recording = { dependencies, signal: AbortSignal.timeout(recordingMs) };
  await recordFact(candidate, { ...about, event: 'Restored', data: { ...reportData(report), ...requestData(candidate) } }, recording);
  const now = dependencies.clock.now();
  const settled = await settleFact(candidate, (live) => outcomeOfRestore(live, report, now), recording);
  dependencies.events.record(candidate, eventOf(report));
  return settled ?? { candidate, outcome: { standing: restoredStanding, requeueAfterMs: 0 } };
}

function eventOf(report: RestoreReport): EventNote {
  const isWhole = report.notRestored.length === 0 && report.kept.length === 0;
  return { type: isWhole ? 'Normal' : 'Warning', reason: isWhole ? 'Restored' : 'RestoredInPart', action: 'Restore', note: describe(report) };
}

/** Asked under the lock. */
async function findWait(candidate: RemovalCandidate, pass: Pass): Promise<Standing | undefined> {
  if (await isOverLimit(candidate, pass)) return overLimit;
  return (await isStillAwaited(candidate, pass)) ? undefined : { kind: 'Waiting', reason: 'StateChanged', message: 'The reclaim is already undone, or spec.restore was removed.' };
}

/** Status may be of before: what the trail knows to be over is not done again, though somebody may have been reclaimed anew since. */
async function findSettled(candidate: RemovalCandidate, pass: Pass): Promise<Carried | undefined> {
  const { settledRequests, undo: known } = await recallCandidate(candidate, pass);
  const restoredFor = restoreRequestOf(candidate);
  const { undo, state, history = [] } = candidate.status ?? {};
  if (undo === undefined || state === undefined || restoredFor === undefined || !settledRequests.includes(restoredFor)) return undefined;
  const note: CandidateNote = { at: toText(pass.dependencies.clock.now()), state, reason: 'RestoreSettled', text: settledStanding.message };
  const restored = { ...undo, restoredFor, ...compact({ restoredAt: known?.restoredAt, restoredAs: known?.restoredAs }) };
  return { candidate, outcome: { change: { undo: restored, history: [...history, note].slice(-30) }, standing: settledStanding, requeueAfterMs: 0 } };
}

const settledStanding: Standing = { kind: 'Fine', reason: 'RestoreSettled', message: 'The audit trail says that this request to undo was carried out, or was there before the reclaim: another time or reason in spec.restore makes another one.' };

/** Who asked is the actor of the record; this is why, and which request it was. */
function requestData(candidate: RemovalCandidate): Record<string, string> {
  return compact({ reason: candidate.spec.restore?.reason, request: restoreRequestOf(candidate) });
}

function reportData({ restored, notRestored, kept, externalUserId }: RestoreReport): Record<string, string> {
  return { restored: summarise(restored.map(({ part, count }) => `${part}: ${count}`)), notRestored: summarise(notRestored.map(({ part }) => part)), kept: summarise(kept.map(describeKept)), externalUserId };
}

const overLimit: Standing = { kind: 'Waiting', reason: 'BudgetSpent', message: 'Within the last period as many reclaims of the rule were undone as spec.limits.maxPerRun allows. The operator goes on by itself.' };

/** Another process may have undone it between the look at the candidate and the turn: what was done is not done again (C29). */
async function isStillAwaited({ metadata: { namespace = '', name, uid } }: RemovalCandidate, { dependencies: { client }, signal }: Pass): Promise<boolean> {
  const live = await readCandidate({ namespace, name }, { client, signal });
  return live !== undefined && live.metadata.uid === uid && isRestoreAwaited(live);
}

async function restoreAtVendor({ spec: { subject } }: RemovalCandidate, { undo, opened, turn }: Working, { dependencies: { clock, clockTrust }, signal }: Pass): Promise<RestoreReport | Standing> {
  const mayWrite = (): boolean => {
    if (!clockTrust.isTrusted() || timeLeft(turn, clock.now()) === 0) return false;
    turn.isInUse = true;
    return true;
  };
  const decidedOn = { externalUserId: subject.externalUserId, address: subject.userPrincipalName ?? '' };
  const report = await askVendor(opened, { ms: restoringMs, signal }, (session) => opened.provider.reclaim.restore(undo.bundle, decidedOn, { ...session, mayWrite }));
  // What may be under way still passes by itself; what needs a person was answered.
  if (!isStanding(report) || report.kind === 'NeedsPerson') turn.isInUse = false;
  return report;
}

const restoredStanding = { kind: 'Fine', reason: 'Restored', message: 'The reclaim was undone: status.history lists what was restored, what was not, and what was kept as it is now.' } as const;

/** Undefined = somebody else has written it down already. */
export function outcomeOfRestore(candidate: RemovalCandidate, report: RestoreReport, now: number): Outcome | undefined {
  const { spec, status } = candidate;
  const { undo, state, history = [] } = status ?? {};
  const restoredFor = restoreRequestOf(candidate);
  if (undo === undefined || state === undefined || undo.restoredFor === restoredFor) return undefined;
  const at = toText(now);
  const note: CandidateNote = { at, state, reason: 'Restored', text: storable(describe(report), 512) };
  const restoredAs = report.externalUserId === spec.subject.externalUserId ? undefined : report.externalUserId;
  return { change: { undo: { ...undo, restoredAt: at, ...compact({ restoredAs, restoredFor }) }, history: [...history, note].slice(-30) }, standing: restoredStanding, requeueAfterMs: 0 };
}

/** Names of parts and numbers; whatever the provider says besides could name people (guard 7). */
function describe({ restored, notRestored, kept }: RestoreReport): string {
  const done = summarise(restored.map(({ part, count }) => `${part} ${count}`));
  const left = summarise(notRestored.map(({ part }) => part));
  const stays = kept.length === 0 ? '' : ` Kept as it is now: ${summarise(kept.map(describeKept))}.`;
  return hideAddresses(`Restored: ${done}.${stays}${left === 'nothing' ? '' : ` Not restored: ${left}.`}`);
}

/** What somebody has changed since the reclaim: the part, as it is now, and as it was before. */
function describeKept({ part, was, is }: RestoreReport['kept'][number]): string {
  const before = was === undefined ? '' : ` (was ${was})`;
  return is === undefined ? part : `${part} ${is}${before}`;
}

function summarise(parts: readonly string[]): string {
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}
