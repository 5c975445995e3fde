import type { Audience, MessageKind } from '../../api/notify.ts';
import type { CandidateScene } from '../../licensing/candidate/facts.ts';
import type { NoticeFacts } from '../../notices/notice.ts';
import { answerDeadline, noticeStanding } from '../../notices/standing.ts';
import { roundOf } from './rights.ts';
import type { Pass } from './settle.ts';
import { toText } from './times.ts';

/** What a message says of a candidate (C8). Links to answer with are for the person alone, while they are asked. */
export async function buildFacts(scene: CandidateScene, { kind, audience }: { kind: MessageKind; audience: Audience }, { dependencies, signal }: Pass): Promise<NoticeFacts> {
  const { candidate, verdict } = scene;
  const { displayName, userPrincipalName, action } = candidate.spec.subject;
  const isAsked = audience === 'User' && (kind === 'Notice' || kind === 'Reminder');
  const urls = isAsked ? await dependencies.notices.answerUrls(candidate, signal) : undefined;
  return {
    candidate: candidate.metadata.name,
    namespace: candidate.metadata.namespace ?? '',
    displayName,
    address: verdict?.address ?? userPrincipalName,
    action,
    ...nameLicense(scene, dependencies.providers),
    ...describeUse(candidate),
    deadline: deadlineOf(scene, dependencies.clock.now()),
    keepUrl: urls?.keepUrl,
    releaseUrl: urls?.releaseUrl,
  };
}

/** Of a closed candidate the subscription is gone. */
function nameLicense({ candidate, subscription, profile }: CandidateScene, providers: Pass['dependencies']['providers']): Pick<NoticeFacts, 'product' | 'license'> {
  const { subscriptionIdentifier } = candidate.spec.subject;
  if (subscription !== undefined) return { product: subscription.spec.product, license: subscription.spec.edition ?? subscriptionIdentifier };
  return { product: providers.get(profile?.spec.type ?? '')?.product ?? '', license: subscriptionIdentifier };
}

function describeUse({ spec, status = {} }: CandidateScene['candidate']): Pick<NoticeFacts, 'inactiveDays' | 'lastActivity' | 'reason'> {
  const { evidence, answer } = status;
  return { inactiveDays: evidence?.inactiveDays, lastActivity: evidence?.lastActivity?.time, reason: answer?.reason ?? spec.decision?.reason };
}

/** Before it is set, what it will be when the message arrives now. */
function deadlineOf({ candidate, rule, verdict }: CandidateScene, now: number): string | undefined {
  const { deadline, messages = [] } = candidate.status ?? {};
  if (deadline !== undefined || rule?.spec.notify === undefined) return deadline;
  const at = answerDeadline(rule.spec.notify, noticeStanding(rule.spec.notify, messages, roundOf(candidate)), now);
  const until = verdict?.frozenAt(at)?.until;
  return toText(until !== undefined && Number.isFinite(until) ? until : at);
}
