import type { IncomingMessage } from 'node:http';
import { toFailure } from '../../api/errors.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { correctedNow } from '../../kubernetes/clock-trust.ts';
import { peekAnswerToken, readAnswerToken, type AnswerClaim } from '../../notices/links.ts';
import { plainLine } from '../../notices/plain-text.ts';
import type { Page } from '../authorization/pages.ts';
import { createEntrance } from '../authorization/rate-limit.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { readAnswerRequest, type AnswerRequest } from './answer-request.ts';
import { createNoticeKeys, type NoticeKeys } from './notice-key.ts';
import { renderAnswerPage, renderQuestion } from './pages.ts';
import { readReason } from './reason.ts';
import { findAnswerable, recordAnswer } from './record-answer.ts';

export type AnswerDependencies = Pick<ControllerDependencies, 'client' | 'clock' | 'clockTrust' | 'logger'> & {
  readonly stores: Pick<ControllerDependencies['stores'], 'candidates' | 'profiles'>;
};

export interface AnsweringOptions {
  readonly dependencies: AnswerDependencies;
  /** False until the caches are synced. */
  readonly isReady: () => boolean;
  /** Cuts off what is still in flight. */
  readonly hardSignal: AbortSignal;
}

/** Answers requests for the answer page. Never rejects. */
export type Answering = (request: IncomingMessage) => Promise<Page>;

const withinMs = 20_000;
const keyWithinMs = 5_000;
/** What one link may ask for, and all of a namespace together: who floods with a link of their own keeps no colleague from answering. */
const ofCandidate = { burst: 10, everyMs: 1000, inFlight: 4 };
const ofNamespace = { burst: 60, everyMs: 50, inFlight: 16 };

/**
 * The page on which a person answers to a notice (L5), on every replica, whether it leads or not. A GET asks whether it is meant, and only a
 * POST acts: programs that look for malware open each link of a mail. The token is proven before anything else: a forged one costs nobody a
 * turn, for silence counts as a yes, and no request to the API server (guard 12; docs/decisions/0015-time-and-strangers.md).
 */
export function createAnswering({ dependencies, isReady, hardSignal }: AnsweringOptions): Answering {
  const { client, logger } = dependencies;
  const keyOf = createNoticeKeys({ client, now: () => dependencies.clock.now(), signal: () => AbortSignal.any([hardSignal, AbortSignal.timeout(keyWithinMs)]) });
  const enter = createEntrance({ own: ofCandidate, shared: ofNamespace, now: () => dependencies.clock.now() });
  return async (request) => {
    // A body that comes slowly takes no turn.
    const read = await readAnswerRequest(request);
    if (read.kind === 'Refused') return renderAnswerPage(read.page);
    if (!isReady()) return renderAnswerPage('NotReady');
    const claimed = peekAnswerToken(read.token);
    if (claimed === undefined || !isKnown(claimed, dependencies)) return renderAnswerPage('Unusable');
    let leave: (() => void) | undefined;
    try {
      const claim = await prove(read.token, claimed, keyOf, dependencies);
      if (claim === undefined) return renderAnswerPage('Unusable');
      leave = enter(claim.uid, claim.namespace);
      if (leave === undefined) return renderAnswerPage('TooManyRequests');
      return await decide(read, claim, dependencies, AbortSignal.any([hardSignal, AbortSignal.timeout(withinMs)]));
    } catch (error) {
      const { reason } = toFailure(error);
      logger.warn({ namespace: claimed.namespace, name: claimed.name, reason }, 'an answer to a notice could not be recorded');
      return renderAnswerPage('NotStored');
    } finally {
      leave?.();
    }
  };
}

function isKnown({ namespace, name, uid }: AnswerClaim, { stores }: AnswerDependencies): boolean {
  return stores.candidates.get(`${namespace}/${name}`)?.metadata.uid === uid;
}

type Usable = Exclude<AnswerRequest, { kind: 'Refused' }>;

/** The claim, if the token is of the operator's making and has not expired. A clock known to be wrong makes none expire (guard 11). */
async function prove(token: string, { namespace }: AnswerClaim, keyOf: NoticeKeys, { clock, clockTrust }: AnswerDependencies): Promise<AnswerClaim | undefined> {
  const key = await keyOf(namespace);
  return key === undefined ? undefined : readAnswerToken(token, key, correctedNow(clock, clockTrust));
}

async function decide(read: Usable, claim: AnswerClaim, dependencies: AnswerDependencies, signal: AbortSignal): Promise<Page> {
  const { client, clock, clockTrust, logger } = dependencies;
  const { namespace } = claim;
  const tools = { client, now: () => correctedNow(clock, clockTrust), signal };
  if (read.kind === 'Question') {
    const candidate = await findAnswerable(claim, tools);
    return candidate === undefined ? renderAnswerPage('Unusable') : ask(candidate, claim, { token: read.token, dependencies });
  }
  if (!(await recordAnswer(claim, readReason(read.reason), tools))) return renderAnswerPage('Unusable');
  logger.info({ namespace, name: claim.name, verdict: claim.verdict }, 'a person answered to a notice');
  return renderAnswerPage(claim.verdict === 'Keep' ? 'Kept' : 'Released');
}

function ask({ spec }: RemovalCandidate, { namespace, verdict }: AnswerClaim, { token, dependencies }: { token: string; dependencies: AnswerDependencies }): Page {
  const { action, profileRef } = spec.subject;
  const profile = dependencies.stores.profiles.get(`${namespace}/${profileRef.name}`);
  return renderQuestion({ verdict, action, token, product: plainLine(profile?.spec.type ?? 'your subscription', 64) });
}
