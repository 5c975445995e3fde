import type { OperatorError } from '../../../api/errors.ts';
import type { ActOutcome, ActRequest } from '../../reclaim.ts';
import type { Change, Client } from '../client.ts';
import { parseErrorBody } from '../errors.ts';
import { refuse, type Asked } from '../failures.ts';
import type { VendorReply } from '../transport.ts';
import type { WriteOutcome } from '../write.ts';
import { isPersonId, personPlace } from './places.ts';
import { saysGone } from './person.ts';
import { madePersonAnswer } from './schemas.ts';
import { isLocked, nameRefusal } from './refusals.ts';
import { isStakeholder } from './roles.ts';

/** One writing request, or none (guard 4). Throws Retryable `Aborted`, and only before anything was sent. */
export async function actOn(request: ActRequest, client: Client): Promise<ActOutcome> {
  const change = planChange(request);
  if (typeof change === 'string') return { kind: 'Refused', reason: change, words: [], passing: false };
  const outcome = await client.write(change);
  return judgeOutcome(outcome, { change, request, asked: { method: change.method, route: change.place.route, scheme: client.session.token.scheme } });
}

/** The one request that carries the action out; a reason where there is none to make. Pure. */
function planChange({ externalUserId: id, action, downgradeTo, person }: ActRequest): Change | string {
  if (!isPersonId(id)) return 'InvalidPerson';
  const place = personPlace(id);
  if (action === 'Remove') return { method: 'DELETE', place };
  if (downgradeTo === undefined) return 'NoDowngradeTarget';
  const { role, subscriptionIdentifier: licence } = downgradeTo;
  // A full user’s role saves nothing, and whoever writes a rule would give rights with it.
  if (!isStakeholder(role)) return 'NotADowngrade';
  return { method: 'PUT', place, json: { user: describeChange({ id, person, role, licence }) } };
}

/** Name, e-mail and type are demanded; a licence goes along only where it is named, else PagerDuty chooses (facts/pagerduty.md 5.4, T12). */
export function describeChange({ id, person, role, licence }: { id: string; person: ActRequest['person']; role: string; licence: string | undefined }): object {
  return {
    id,
    type: 'user',
    name: person.displayName,
    email: person.address,
    role,
    ...(licence === undefined ? {} : { license: { id: licence, type: 'license_reference' } }),
  };
}

interface Acted {
  readonly change: Change;
  readonly request: ActRequest;
  readonly asked: Asked;
}

function judgeOutcome(outcome: WriteOutcome, acted: Acted): ActOutcome {
  if (outcome.kind === 'Reply') return judgeReply(outcome, acted);
  return outcome.kind === 'Unsent' ? refuseUnsent(outcome.error) : { kind: 'Unclear', reason: 'AnswerLost' };
}

function refuseUnsent({ failure }: OperatorError): ActOutcome {
  const wait = failure.kind === 'Retryable' && failure.retryAfterMs !== undefined ? { retryAfterMs: failure.retryAfterMs } : {};
  return { kind: 'Refused', reason: failure.reason, words: [], passing: true, ...wait };
}

function judgeReply({ reply, waitMs }: Extract<WriteOutcome, { kind: 'Reply' }>, acted: Acted): ActOutcome {
  const { status } = reply;
  if (status >= 200 && status < 300) return confirms(reply, acted) ? { kind: 'Done' } : { kind: 'Unclear', reason: 'AnswerUnreadable' };
  // A gateway's answer says nothing of what happened behind it, and a redirect was not followed.
  if (status < 400 || status >= 500 || status === 408) return { kind: 'Unclear', reason: 'VendorUnavailable' };
  return status === 404 ? judgeNotFound(reply, acted) : readRefusal(reply, acted, waitMs);
}

/** Not every 404 is PagerDuty's, and not each of PagerDuty's is about the person. */
function judgeNotFound(reply: VendorReply, acted: Acted): ActOutcome {
  if (saysGone(reply)) return { kind: 'Gone' };
  return parseErrorBody(reply.body).code === undefined ? { kind: 'Unclear', reason: 'AnswerUnreadable' } : readRefusal(reply, acted, undefined);
}

function readRefusal(reply: VendorReply, { asked }: Acted, waitMs: number | undefined): ActOutcome {
  const { texts } = parseErrorBody(reply.body);
  const { failure } = refuse(reply, asked);
  const common = { kind: 'Refused', words: [...texts], ...(waitMs === undefined ? {} : { retryAfterMs: Math.ceil(waitMs) }) } as const;
  if (reply.status === 429) return { ...common, reason: 'RateLimited', passing: true };
  if (isLocked(texts)) return { ...common, reason: 'AccountLocked', passing: true };
  return { ...common, reason: nameRefusal(failure.reason, texts), passing: failure.kind === 'Retryable' };
}

/** PagerDuty's own yes: 204 to a deletion, the changed person to a change. A proxy's page with a 200 is none. */
function confirms(reply: VendorReply, { change, request }: Acted): boolean {
  if (change.method === 'DELETE') return reply.status === 204 || (reply.status === 200 && readJson(reply.body) !== undefined);
  const changed = madePersonAnswer.safeParse(readJson(reply.body));
  return reply.status === 200 && changed.success && changed.data.user.id === request.externalUserId && changed.data.user.role === request.downgradeTo?.role;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
