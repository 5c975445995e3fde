import { compact } from '../../api/compact.ts';
import { OperatorError } from '../../api/errors.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { CandidateAttempt } from '../../api/removal-candidate-status.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { ActOutcome, ActRequest } from '../../providers/reclaim.ts';
import { isBehind, recoverStatus } from '../../licensing/candidate/memory.ts';
import { toActRequest } from './act-request.ts';
import { askVendor } from './ask-vendor.ts';
import { mayTakeEffect, restoreRequestOf } from '../../licensing/candidate/undo-expiry.ts';
import { gatherLive } from './gather.ts';
import { askGuards, guardsBeforeTurn, turnMarginMs, type GuardFacts } from './guards.ts';
import { busy, held, notFound } from './held.ts';
import { inTurn, type HeldTurn } from './in-turn.ts';
import { inspectPerson } from './inspect.ts';
import { endingOf, findBlockers, type FoundInspection } from './inspection-guards.ts';
import { blockedText } from './plans.ts';
import { recordActed } from './record-acted.ts';
import { recallCandidate, recoveredAs } from './recover.ts';
import { aboutCandidate } from './records.ts';
import { uidOf } from './siblings.ts';
import { isStanding, openReclaimSession, type ReclaimSession } from './session.ts';
import { recordFact, settle, type Carried, type Outcome, type Pass } from './settle.ts';
import { toText } from './times.ts';
import { digestOf, expiryOf, isStillSaved, saveUndo } from './undo-secret.ts';

const dayMs = 86_400_000;
/**
 * After its claim, an attempt is sent within so many milliseconds or never, and a request lasts no longer than the second: together
 * far less than the three minutes after which anybody takes the claim for one that died (guard 4).
 */
const sendWithinMs = 60_000;
const requestLastsMs = 40_000;
/** What the vendor said of the person is acted on for so many milliseconds. */
const inspectionLastsMs = 120_000;
/** What happened is recorded even while the process ends. */
const recordingMs = 10_000;
/** One look at one person. */
const lookingMs = 30_000;

/**
 * Reclaims one subscription, or finds out why not (guards 1 to 6). In this order: the guards; the turn to write to the account; the
 * vendor’s own answer; what is needed to undo it, saved; all guards again, read anew; whether it is still saved; what the trail knows; the person once more; the intent, recorded;
 * the attempt, claimed under the version that the guards were asked of; one request. Whatever throws before the last one has sent nothing.
 */
export async function reclaimCandidate(candidate: RemovalCandidate, pass: Pass): Promise<Carried> {
  const facts = await gatherLive(candidate, readingOf(pass));
  if (isStanding(facts)) return held(candidate, facts);
  const { scene } = facts;
  const refused = askGuards(facts, guardsBeforeTurn);
  if (refused !== undefined) return held(scene.candidate, refused);
  const opened = await openReclaimSession(scene.profile, pass.dependencies, pass.signal);
  if (isStanding(opened)) return held(scene.candidate, opened);
  return (await inTurn(scene.candidate, { opened, pass }, async (turn) => underTurn(facts, { opened, turn }, pass))) ?? busy(scene.candidate, opened.account, pass);
}

function readingOf({ dependencies, signal }: Pass): Parameters<typeof gatherLive>[1] {
  return { ...dependencies, signal };
}

interface Working {
  readonly opened: ReclaimSession;
  readonly turn: HeldTurn;
}

async function underTurn({ scene, recentAdmins }: GuardFacts, { opened, turn }: Working, pass: Pass): Promise<Carried> {
  const { candidate } = scene;
  const inspectedAt = pass.dependencies.clock.now();
  const inspection = await inspectPerson(scene, opened, pass);
  if (isStanding(inspection)) return held(candidate, inspection);
  if (inspection.kind === 'Gone') return notFound(candidate);
  const ending = endingOf(inspection);
  if (ending !== undefined) return { candidate, outcome: { move: ending, standing: { kind: 'Waiting', reason: 'StateChanged', message: 'The vendor says something else by now.' }, requeueAfterMs: 0 } };
  const early = blockedBy({ scene, inspection, recentAdmins }, inspectedAt);
  if (early !== undefined) return early;
  const { clock } = pass.dependencies;
  const savedAt = clock.now();
  const expiresAt = toText(savedAt + scene.rule.spec.undoRetentionDays * dayMs);
  const content = { bundle: inspection.bundle, account: opened.account };
  const secret = await saveUndo(candidate, { ...content, expiresAt }, { client: pass.dependencies.client, signal: pass.signal, onReplaced: async (former) => recordReplaced(candidate, former, pass) });
  const digest = digestOf(content);
  await record(candidate, 'BundleSaved', { expiresAt, digest, secret, account: opened.account.slice(0, 253) }, pass);
  // A request to undo that was there before is about something else: what is done now is not undone at once.
  const undo = { secret, account: opened.account.slice(0, 253), digest, savedAt: toText(savedAt), expiresAt, ...compact({ restoredFor: restoreRequestOf(candidate) }) };
  return sendIfStill(candidate, { inspection, inspectedAt, undo }, { opened, turn }, pass);
}

/** Everything is asked again, read anew, once what undoes it is saved. */
// oxlint-disable-next-line max-params -- of whom, what was prepared, the way to the vendor, the pass
async function sendIfStill(candidate: RemovalCandidate, prepared: Prepared, { opened, turn }: Working, pass: Pass): Promise<Carried> {
  const { inspection, inspectedAt, undo } = prepared;
  const facts = await gatherLive(candidate, { ...readingOf(pass), account: opened.account });
  if (isStanding(facts)) return held(candidate, facts);
  const refused = askGuards(facts);
  if (refused !== undefined) return held(facts.scene.candidate, refused);
  const late = blockedBy({ scene: facts.scene, inspection, recentAdmins: facts.recentAdmins }, inspectedAt);
  if (late !== undefined) return late;
  const changed = (await lookForSaved(facts.scene.candidate, undo, pass)) ?? (await lookBack(facts.scene.candidate, pass)) ?? (await lookOnceMore(facts, { opened, inspection, inspectedAt }, pass));
  if (changed !== undefined) return changed;
  return send(facts, prepared, { opened, turn }, pass);
}

/** A request that cannot be undone is not sent (T10). */
async function lookForSaved(candidate: RemovalCandidate, { secret, digest = '' }: Prepared['undo'], { dependencies: { client }, signal }: Pass): Promise<Carried | undefined> {
  return (await isStillSaved(candidate, { secret, digest }, { client, signal })) ? undefined : held(candidate, savedIsGone);
}

/** Status may be of before: whoever has put an older one back must not have done again what the trail knows of (guard 4). */
async function lookBack(candidate: RemovalCandidate, pass: Pass): Promise<Carried | undefined> {
  const memory = await recallCandidate(candidate, pass);
  if (!isBehind(candidate.status ?? {}, memory)) return undefined;
  return { candidate, outcome: recoveredAs(candidate, recoverStatus(memory), pass.dependencies.clock.now()) };
}

/** Guard 9: the last thing that is asked before the write is whether it still is the very person, as the vendor has them at this moment. */
async function lookOnceMore({ scene, recentAdmins }: GuardFacts, { opened, inspection, inspectedAt }: { opened: ReclaimSession; inspection: FoundInspection; inspectedAt: number }, { signal }: Pass): Promise<Carried | undefined> {
  const { candidate } = scene;
  const person = await askVendor(opened, { ms: lookingMs, signal }, (session) => opened.provider.reclaim.look(candidate.spec.subject.externalUserId, session));
  if (typeof person === 'string') return notFound(candidate);
  if (isStanding(person)) return held(candidate, person);
  return blockedBy({ scene, inspection: { ...inspection, person: { ...inspection.person, ...person } }, recentAdmins }, inspectedAt);
}

const savedIsGone = { kind: 'Waiting', reason: 'UndoMissing', message: 'What had been saved for the undo was gone or changed before the request, so nothing was sent: it is saved again.' } as const;

/** Guards 2 and 3: what stands in the way, as objects that a person can look up. */
function blockedBy(facts: Parameters<typeof findBlockers>[0], inspectedAt: number): Carried | undefined {
  const blockers = findBlockers(facts);
  if (blockers.length === 0) return undefined;
  return {
    candidate: facts.scene.candidate,
    outcome: {
      move: { event: 'Obstructed', reason: 'Blocked', text: blockedText, isWarning: true },
      change: { blockers: blockers.slice(0, 20), blockerCount: blockers.length, inspectedAt: toText(inspectedAt) },
      standing: { kind: 'NeedsPerson', reason: 'Blocked', message: blockedText },
      requeueAfterMs: 0,
    },
  };
}

interface Prepared {
  readonly inspection: FoundInspection;
  readonly inspectedAt: number;
  readonly undo: NonNullable<NonNullable<RemovalCandidate['status']>['undo']>;
}

// oxlint-disable-next-line max-params -- what holds, what was prepared, the way to the vendor, the pass
async function send({ scene }: GuardFacts, prepared: Prepared, { opened, turn }: Working, pass: Pass): Promise<Carried> {
  const { candidate } = scene;
  const notes = accountNotes(candidate, prepared, { opened, turn }, pass);
  await notes.begin();
  const { dependencies } = pass;
  const number = (candidate.status?.attempts ?? 0) + 1;
  const { action, downgradeTo } = candidate.spec.subject;
  await record(candidate, 'WriteIntended', compact({ action, attempt: String(number), role: downgradeTo?.role, request: restoreRequestOf(candidate) }), pass);
  const startedAt = dependencies.clock.now();
  const attempt = { id: dependencies.createSecret().slice(0, 22), number, phase: 'Claimed', holder: dependencies.identity.slice(0, 253), startedAt: toText(startedAt), ...afterUnclear(candidate) } as const;
  const claimed = await settle(candidate, claimOf(attempt, prepared), pass);
  const mayWrite = (): boolean => dependencies.clockTrust.isTrusted() && mayStillSend({ startedAt, inspectedAt: prepared.inspectedAt, turnEnds: turn.endsAt }, dependencies.clock.now());
  turn.isInUse = true;
  const outcome = mayWrite() ? await actOnce(toActRequest(candidate, prepared.inspection.person), { ...opened, session: { ...opened.session, mayWrite } }, pass) : notSent;
  turn.isInUse = outcome.kind === 'Unclear';
  if (outcome.kind === 'Refused' && attempt.afterUnclear !== true) await notes.refuse();
  // From here on, what has happened is written down even while the process ends.
  return recordActed(claimed, { attempt, outcome }, { dependencies, signal: AbortSignal.timeout(recordingMs) });
}

/** So that other namespaces count the reclaim, and the admin who is going, before anything is sent (guards 2 and 5); what cannot be noted is not sent. */
// oxlint-disable-next-line max-params -- of whom, what is known of them, under which turn, in which pass
function accountNotes(candidate: RemovalCandidate, { inspection: { person } }: Prepared, { opened: { account }, turn: { holder } }: Working, { dependencies: { turns }, signal }: Pass): { begin: () => Promise<void>; refuse: () => Promise<void> } {
  const isAdmin = person.isAdmin || person.isOwner;
  const uid = uidOf(candidate);
  return {
    begin: () => turns.noteReclaim(account, holder, { uid, isAdmin, signal }),
    refuse: () => (isAdmin ? turns.forgetAdmin(account, holder, { uid, signal: AbortSignal.timeout(recordingMs) }) : Promise.resolve()),
  };
}

function afterUnclear({ status }: RemovalCandidate): Pick<CandidateAttempt, 'afterUnclear'> {
  return status?.attempt !== undefined && mayTakeEffect(status.attempt) ? { afterUnclear: true } : {};
}

function claimOf(attempt: CandidateAttempt, { inspectedAt, undo }: Prepared): Outcome {
  return {
    change: { attempt, attempts: attempt.number, undo, inspectedAt: toText(inspectedAt), blockers: undefined, blockerCount: undefined, vendorMessage: undefined },
    standing: { kind: 'Waiting', reason: 'AttemptUnderWay', message: 'A request to the vendor may be under way.' },
  };
}

/** Whether what the guards found is still of now: a process that was stopped for a while sends nothing. A clock that went back counts as late. */
export function mayStillSend({ startedAt, inspectedAt, turnEnds }: { startedAt: number; inspectedAt: number; turnEnds: number }, now: number): boolean {
  return now >= startedAt && now >= inspectedAt && now - startedAt < sendWithinMs && now - inspectedAt < inspectionLastsMs && now <= turnEnds - turnMarginMs;
}

/** Nothing was sent, so it is as if the vendor had refused for a reason that passes. */
const notSent: ActOutcome = { kind: 'Refused', reason: 'NotSent', words: [], passing: true };

/** The only place in the house from where a vendor is written to for a reclaim: once, with a deadline. */
async function actOnce(request: ActRequest, { provider, session }: ReclaimSession, { signal, dependencies }: Pass): Promise<ActOutcome> {
  if (signal.aborted) return notSent;
  try {
    return await provider.reclaim.act(request, { ...session, signal: AbortSignal.any([signal, AbortSignal.timeout(requestLastsMs)]) });
  } catch (error) {
    if (error instanceof OperatorError && error.failure.reason === 'Aborted') return notSent;
    dependencies.logger.warn({ err: error }, 'an attempt to reclaim ended without an outcome');
    return { kind: 'Unclear', reason: 'InternalError' };
  }
}

// oxlint-disable-next-line max-params -- of whom, what, with which data, in which pass
async function record(candidate: RemovalCandidate, event: 'BundleSaved' | 'WriteIntended', data: Record<string, string>, { dependencies, signal }: Pass): Promise<void> {
  await dependencies.audit.append(candidate.metadata.namespace ?? '', { ...aboutCandidate(candidate), event, actor: 'operator', data }, signal);
}

/** It has happened by then, so it is no reason to stop. */
async function recordReplaced(candidate: RemovalCandidate, former: KubernetesObject, { dependencies }: Pass): Promise<void> {
  const data = compact({ cause: 'Replaced', expiresAt: expiryOf(former), secret: former.metadata.name });
  await recordFact(candidate, { ...aboutCandidate(candidate), event: 'BundleDeleted', actor: 'operator', data }, { dependencies, signal: AbortSignal.timeout(recordingMs) });
}
