import { integrationProfileResource, type IntegrationProfile } from '../../api/integration-profile.ts';
import type { CandidateAttempt } from '../../api/removal-candidate-status.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../api/software-subscription.ts';
import { isOwned } from '../../licensing/subscription-owner.ts';
import { recogniseAccount, type Place } from './account-witness.ts';
import { toActRequest } from './act-request.ts';
import { askVendor } from './ask-vendor.ts';
import { failedOnce, unclearText } from './decide-revocation.ts';
import { readCandidate } from './gather.ts';
import { held, notFound } from './held.ts';
import type { ReadBack } from '../../providers/reclaim.ts';
import type { Standing } from './plan.ts';
import { aboutCandidate } from './records.ts';
import { isStanding, openReclaimSession } from './session.ts';
import { recordFact, type Carried, type Outcome, type Pass } from './settle.ts';
import { toText } from './times.ts';

const readingMs = 120_000;

/** Finds out, by reading, whether an attempt was carried out (guard 4): it is closed, or a person has to look at it. */
export async function readBackAttempt(candidate: RemovalCandidate, pass: Pass): Promise<Carried> {
  const { client, clock } = pass.dependencies;
  const { attempt } = candidate.status ?? {};
  const key = { namespace: candidate.metadata.namespace ?? '', name: candidate.spec.subject.profileRef.name };
  const profile = await client.get<IntegrationProfile>(integrationProfileResource, key, { signal: pass.signal });
  if (profile === undefined || attempt === undefined) return held(candidate, { kind: 'Waiting', reason: 'StateChanged', message: 'The profile is gone.' });
  const opened = await openReclaimSession(profile, pass.dependencies, pass.signal);
  if (isStanding(opened)) return held(candidate, opened);
  const answer = await read(candidate, { opened, profile }, pass);
  if (typeof answer !== 'string') return held(candidate, answer);
  if (answer === 'Unknown') return notFound(candidate);
  const endedAt = toText(clock.now());
  // With somebody else at the id, nobody can tell what became of the former owner's request; it is not known, as where it was not carried out.
  if (answer !== 'Carried') return { candidate, outcome: notCarried(candidate, { ...attempt, phase: 'Unclear', endedAt }) };
  if (attempt.phase !== 'Done') {
    await recordFact(candidate, { ...aboutCandidate(candidate), event: 'WriteDone', actor: 'operator', data: { action: candidate.spec.subject.action, attempt: String(attempt.number), outcome: 'ReadBack' } }, pass);
    await pass.dependencies.turns.release(opened.account, candidate.metadata, { isStill: () => isOpen(candidate, attempt, pass), signal: pass.signal });
  }
  await forget(candidate, profile, pass);
  return { candidate, outcome: carried({ ...attempt, phase: 'Done', endedAt }) };
}

/** Whether no other process has found it out meanwhile: then another attempt, or an undo, may have the turn. */
async function isOpen({ metadata: { namespace = '', name, uid } }: RemovalCandidate, { id }: CandidateAttempt, { dependencies: { client }, signal }: Pass): Promise<boolean> {
  const live = await readCandidate({ namespace, name }, { client, signal });
  const { attempt } = live?.status ?? {};
  return live?.metadata.uid === uid && attempt?.id === id && attempt.phase === 'Unclear' && attempt.endedAt === undefined;
}

function carried(attempt: CandidateAttempt): Outcome {
  return {
    move: { event: 'Carried', reason: 'Reclaimed', text: 'It was reclaimed, and read back.' },
    change: { attempt },
    standing: { kind: 'Fine', reason: 'Reclaimed', message: 'Closed: the subscription was reclaimed.' },
    requeueAfterMs: 0,
  };
}

/** Nothing is sent again by itself: what was sent may still come to pass (guard 4). */
function notCarried(candidate: RemovalCandidate, attempt: CandidateAttempt): Outcome {
  return {
    move: { event: 'Failed', reason: 'OutcomeUnclear', text: unclearText, isWarning: true },
    change: { attempt, ...(candidate.status?.state === 'AwaitingRevocation' ? failedOnce(candidate) : {}) },
    standing: { kind: 'NeedsPerson', reason: 'OutcomeUnclear', message: unclearText },
    requeueAfterMs: 0,
  };
}

const otherAccount: Standing = {
  kind: 'NeedsPerson',
  reason: 'AccountMismatch',
  message: 'The attempt was made in another account than the profile reaches now, which cannot tell what became of it: let the profile reach that account again.',
};

async function read(candidate: RemovalCandidate, { opened, profile }: Place, pass: Pass): Promise<ReadBack | 'Unknown' | Standing> {
  // Everybody of one account is gone from another.
  const { account } = candidate.status?.undo ?? {};
  if (account !== undefined && account !== opened.account.slice(0, 253)) return otherAccount;
  const { displayName, userPrincipalName = '' } = candidate.spec.subject;
  const request = toActRequest(candidate, { displayName, address: userPrincipalName });
  const answer = await askVendor(opened, { ms: readingMs, signal: pass.signal }, (session) => opened.provider.reclaim.readBack(request, session));
  if (answer !== 'Carried') return answer;
  const whose = await recogniseAccount(candidate, { opened, profile }, pass);
  return whose === 'Ours' ? 'Carried' : whose;
}

/** L12: the record of a person who was removed goes with them; before the candidate is closed, so that it cannot be forgotten. */
async function forget({ metadata, spec }: RemovalCandidate, profile: IntegrationProfile, { dependencies: { client }, signal }: Pass): Promise<void> {
  if (spec.subject.action !== 'Remove') return;
  const key = { namespace: metadata.namespace ?? '', name: spec.subject.subscriptionRef.name };
  const found = await client.get<SoftwareSubscription>(softwareSubscriptionResource, key, { signal });
  const { uid } = found?.metadata ?? {};
  if (found === undefined || uid === undefined || !isOwned(found, profile) || found.spec.externalUserId !== spec.subject.externalUserId) return;
  await client.delete(softwareSubscriptionResource, key, { signal, uid });
}
