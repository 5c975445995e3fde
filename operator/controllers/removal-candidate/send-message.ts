import { OperatorError, terminal, toFailure, type Failure } from '../../api/errors.ts';
import type { CandidateMessage } from '../../api/removal-candidate-status.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { CandidateScene } from '../../licensing/candidate/facts.ts';
import type { DueMessage } from '../../notices/schedule.ts';
import { callVendor } from '../vendor-call.ts';
import type { Secret } from '../secrets.ts';
import { buildFacts } from './notice-facts.ts';
import type { Standing } from './plan.ts';
import { aboutCandidate } from './records.ts';
import { roundOf } from './rights.ts';
import { recordFact, settle, settleFact, type Carried, type Pass } from './settle.ts';
import { toText } from './times.ts';

const recordingMs = 10_000;

/**
 * Sends one message (C8): it is claimed in status, sent, and written down. When the process dies in between, it is sent again under
 * the same id, by which receivers know it; two processes cannot claim it both.
 */
export async function sendMessage(scene: CandidateScene, message: DueMessage, standing: Standing, pass: Pass): Promise<Carried> {
  const { dependencies, signal } = pass;
  const claim = entryOf(message, { state: 'Sending', now: dependencies.clock.now() });
  const claimed = await settle(scene.candidate, { change: { messages: upsert(scene.candidate, claim) }, standing }, pass);
  const failure = await trySend({ ...scene, candidate: claimed }, message, pass);
  const recording = { dependencies, signal: AbortSignal.timeout(recordingMs) };
  const now = dependencies.clock.now();
  const entry = failure === undefined ? entryOf(message, { state: 'Sent', now }) : entryOf(message, { state: 'Failed', now, reason: failure.reason });
  if (failure === undefined) await recordFact(claimed, { ...aboutCandidate(claimed), event: 'MessageSent', actor: 'operator', data: { kind: message.kind, audience: message.audience, channel: message.channel.name, id: message.id, round: String(roundOf(claimed).round) } }, recording);
  else dependencies.events.record(claimed, { type: 'Warning', reason: 'MessageFailed', action: 'Notify', note: `A message could not be sent. ${failure.message} (${failure.reason}) It is tried again.` });
  const settled = await settleFact(claimed, (live) => (isClaimed(live, message) ? { change: { messages: upsert(live, entry) }, standing, requeueAfterMs: 0 } : undefined), recording);
  signal.throwIfAborted();
  return settled ?? { candidate: claimed, outcome: { standing, requeueAfterMs: 0 } };
}

/** Why it was not sent; undefined = it was. A process that ends says nothing: the message stays claimed. */
async function trySend(scene: CandidateScene, { id, kind, audience, channel }: DueMessage, { dependencies, signal }: Pass): Promise<Failure | undefined> {
  const { client, notices } = dependencies;
  try {
    const secret = await client.get<Secret>(coreResources.Secret, { namespace: scene.candidate.metadata.namespace ?? '', name: channel.secretRef.name }, { signal });
    if (secret === undefined) throw terminal('NoticeSecretMissing', `Channel ${channel.name}: there is no Secret ${channel.secretRef.name} in this namespace.`);
    const resolved = notices.resolveChannel(channel, secret);
    const facts = await buildFacts(scene, { kind, audience }, { dependencies, signal });
    const template = scene.rule?.spec.notify?.templates?.find((one) => one.kind === kind);
    await callVendor(signal, (callSignal) => notices.sender.send({ id, kind, audience, facts, template }, resolved, callSignal));
    return undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    dependencies.logger.warn({ err: error, ...(error instanceof OperatorError ? error.detail : {}), channel: channel.name, kind }, 'a message could not be sent');
    return toFailure(error);
  }
}

function entryOf({ id, kind, audience, channel, attempts }: DueMessage, { state, now, reason }: { state: CandidateMessage['state']; now: number; reason?: string }): CandidateMessage {
  return { id, kind, audience, channel: channel.name, state, time: toText(now), attempts: attempts + 1, ...(reason === undefined ? {} : { reason }) };
}

/** At most forty are kept: the oldest are of no use any more. */
function upsert({ status }: RemovalCandidate, entry: CandidateMessage): CandidateMessage[] {
  return [...(status?.messages ?? []).filter(({ id }) => id !== entry.id), entry].slice(-40);
}

function isClaimed({ status }: RemovalCandidate, { id, attempts }: DueMessage): boolean {
  const message = status?.messages?.find((one) => one.id === id);
  return message?.state === 'Sending' && message.attempts === attempts + 1;
}
