import type { IncomingMessage } from 'node:http';
import { toFailure } from '../../api/errors.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { peekAnswerToken, readAnswerToken, type AnswerClaim } from '../../notices/links.ts';
import { plainLine } from '../../notices/plain-text.ts';
import type { Page } from '../authorization/pages.ts';
import { createRateLimit, type RateLimit } from '../authorization/rate-limit.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { readAnswerRequest, type AnswerRequest } from './answer-request.ts';
import { readNoticeKey } from './notice-key.ts';
import { renderAnswerPage, renderQuestion } from './pages.ts';
import { readReason } from './reason.ts';
import { findAnswerable, recordAnswer } from './record-answer.ts';

export type AnswerDependencies = Pick<ControllerDependencies, 'client' | 'clock' | 'logger'> & {
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

const perSecond = 20;
const mostInFlight = 32;
const withinMs = 20_000;
/** Candidates whose limit is remembered. */
const mostRemembered = 10_000;

/**
 * The page on which a person answers to a notice (L5), on every replica, whether it leads or not. A GET asks whether it is meant, and only a
 * POST acts: programs that look for malware open each link of a mail. What is asked of the API server is asked for candidates only that
 * a cache knows by uid, so strangers cause no reads, and is limited.
 */
export function createAnswering({ dependencies, isReady, hardSignal }: AnsweringOptions): Answering {
  const { clock, logger } = dependencies;
  const limit = createRateLimit({ burst: perSecond * 3, everyMs: 1000 / perSecond, now: () => clock.now() });
  const own = new Map<string, RateLimit>();
  // Whoever floods with the link of one candidate must not keep the others from being answered: silence counts as a yes.
  const takeTurn = (uid: string): boolean => {
    if (!own.has(uid) && own.size >= mostRemembered) own.clear();
    return own.getOrInsertComputed(uid, () => createRateLimit({ burst: 10, everyMs: 1000, now: () => clock.now() })).take() && limit.take();
  };
  let inFlight = 0;
  return async (request) => {
    // A body that comes slowly takes no turn.
    const read = await readAnswerRequest(request);
    if (read.kind === 'Refused') return renderAnswerPage(read.page);
    if (!isReady()) return renderAnswerPage('NotReady');
    const claim = peekAnswerToken(read.token);
    if (claim === undefined || !isKnown(claim, dependencies)) return renderAnswerPage('Unusable');
    if (inFlight >= mostInFlight || !takeTurn(claim.uid)) return renderAnswerPage('TooManyRequests');
    inFlight += 1;
    try {
      return await decide(read, claim, dependencies, AbortSignal.any([hardSignal, AbortSignal.timeout(withinMs)]));
    } catch (error) {
      const { reason } = toFailure(error);
      logger.warn({ namespace: claim.namespace, name: claim.name, reason }, 'an answer to a notice could not be recorded');
      return renderAnswerPage('NotStored');
    } finally {
      inFlight -= 1;
    }
  };
}

function isKnown({ namespace, name, uid }: AnswerClaim, { stores }: AnswerDependencies): boolean {
  return stores.candidates.get(`${namespace}/${name}`)?.metadata.uid === uid;
}

type Usable = Exclude<AnswerRequest, { kind: 'Refused' }>;

async function decide(read: Usable, { namespace }: AnswerClaim, dependencies: AnswerDependencies, signal: AbortSignal): Promise<Page> {
  const { client, clock, logger } = dependencies;
  const key = await readNoticeKey(namespace, { client, signal });
  const claim = key === undefined ? undefined : readAnswerToken(read.token, key, clock.now());
  if (claim === undefined) return renderAnswerPage('Unusable');
  const tools = { client, now: () => clock.now(), signal };
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
