import { retryable } from '../../../api/errors.ts';
import type { OperatorError } from '../../../api/errors.ts';
import type { Change, Client } from '../client.ts';
import { parseErrorBody, type VendorError } from '../errors.ts';
import { rateLimited, refuse, type Asked } from '../failures.ts';
import type { VendorReply } from '../transport.ts';
import { pause } from './read-back.ts';
import { isLocked } from './refusals.ts';

/** How one step of an undo ended. */
export type Changed =
  | { readonly kind: 'Done'; /** Undefined where the answer has no body. */ readonly json: unknown }
  /** PagerDuty refused for good, so nothing was changed. */
  | { readonly kind: 'Refused'; readonly status: number; readonly said: VendorError; readonly error: OperatorError };

const maxTries = 6;
const firstWaitMs = 1000;
const longestWaitMs = 60_000;

/**
 * One step of an undo. Made again only after PagerDuty said that it did nothing, because of its rate limit or its lock. Throws
 * Retryable `UndoUnclear` where it may have been done: the undo is then called again, and looks before it makes anything.
 *
 * While PagerDuty lets it wait, somebody may change by hand what it was decided on: `isStillSo` is asked before it is made again, and where
 * it is not, Retryable `UndoOvertaken` lets the undo begin anew (guard 10).
 */
export async function makeChange(change: Change, client: Client, isStillSo: () => Promise<boolean> = alwaysSo): Promise<Changed> {
  const asked: Asked = { method: change.method, route: change.place.route, scheme: client.session.token.scheme };
  for (let tries = 1; ; tries += 1) {
    const made = await makeOnce(change, asked, client);
    if (made.kind !== 'Later') return made;
    const wait = Math.min(longestWaitMs, made.waitMs ?? firstWaitMs * 2 ** (tries - 1) * (0.75 + client.session.random() / 2));
    if (tries >= maxTries) throw rateLimited(asked, wait);
    await pause(wait, client);
    if (!(await isStillSo())) throw overtaken(asked);
  }
}

async function makeOnce(change: Change, asked: Asked, client: Client): Promise<Changed | { readonly kind: 'Later'; readonly waitMs: number | undefined }> {
  const outcome = await client.write(change);
  if (outcome.kind === 'Unsent') throw outcome.error;
  if (outcome.kind === 'Lost' || isUnclear(outcome.reply)) throw unclear(asked);
  const { reply, waitMs } = outcome;
  if (reply.status < 300) return { kind: 'Done', json: readJson(reply.body) };
  const said = parseErrorBody(reply.body);
  if (reply.status === 429 || isLocked(said.texts)) return { kind: 'Later', waitMs };
  return refuseChange({ kind: 'Refused', status: reply.status, said, error: refuse(reply, asked) });
}

/** Of what is added, and takes nothing's place. */
const alwaysSo = (): Promise<boolean> => Promise.resolve(true);

function overtaken({ method, route }: Asked): OperatorError {
  return retryable('UndoOvertaken', `Somebody changed the person by hand before PagerDuty accepted ${method} ${route}: the undo continues from the current state.`, { detail: { route } });
}

/** Neither a yes nor a no of PagerDuty's own. */
function isUnclear({ status }: VendorReply): boolean {
  return status < 200 || (status >= 300 && status < 400) || status === 408 || status >= 500;
}

/** A token that PagerDuty no longer takes ends the undo: with a new one it goes on where it stood. */
function refuseChange(refused: Extract<Changed, { kind: 'Refused' }>): Changed {
  if (refused.status === 401 || refused.error.failure.reason === 'AccountUnavailable') throw refused.error;
  return refused;
}

function unclear({ method, route }: Asked): OperatorError {
  return retryable('UndoUnclear', `Nobody knows whether PagerDuty carried out ${method} ${route}: the undo goes on with what is there.`, { detail: { route } });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why a step was refused, in words of ours: PagerDuty's may name people (guard 7). */
export function explainRefusal({ error, status }: Extract<Changed, { kind: 'Refused' }>): string {
  return `PagerDuty refused it (${error.failure.reason}, status ${status})`;
}
