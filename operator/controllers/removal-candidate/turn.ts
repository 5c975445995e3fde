import { integrationProfileResource, type IntegrationProfile } from '../../api/integration-profile.ts';
import { OperatorError } from '../../api/errors.ts';
import { product } from '../../api/group.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { timeOf, toText } from './times.ts';

/** Field manager of status.reclaim of a profile. */
export const turnManager = `${product}-reclaim`;

/** How long a turn lasts at most, in milliseconds: whoever holds it may have died. */
export const turnLastsMs = 5 * 60_000;

export interface TurnTaker {
  /** This process. */
  readonly holder: string;
  readonly candidate: string;
}

interface Writing {
  readonly client: Pick<KubernetesClient, 'get' | 'apply'>;
  readonly signal: AbortSignal;
}

/**
 * Takes the turn to write to the account of a profile that was read live (guard 4); gives the profile as it is then, or undefined
 * while another process or candidate has it. It is written under the version that was read, so of two that find it free one has it.
 */
export async function takeTurn(profile: IntegrationProfile, taker: TurnTaker, { client, now, signal }: Writing & { readonly now: number }): Promise<IntegrationProfile | undefined> {
  const turn = profile.status?.reclaim;
  if (turn !== undefined && !isOver(turn, now) && !isOf(turn, taker)) return undefined;
  const reclaim = { ...taker, acquiredAt: toText(now), expiresAt: toText(now + turnLastsMs) };
  try {
    return await apply(profile, { reclaim }, { client, signal });
  } catch (error) {
    if (isConflict(error)) return undefined;
    throw error;
  }
}

/** Gives the turn back, if it is still one’s own. What goes wrong is left to its end. */
export async function endTurn(profile: IntegrationProfile, taker: TurnTaker, { client, signal }: Writing): Promise<void> {
  for (let tried = 0; tried < 3; tried += 1) {
    try {
      const live = await client.get<IntegrationProfile>(integrationProfileResource, profile.metadata, { signal });
      const turn = live?.status?.reclaim;
      if (live === undefined || turn === undefined || !isOf(turn, taker)) return;
      await apply(live, {}, { client, signal });
      return;
    } catch (error) {
      if (!isConflict(error)) return;
    }
  }
}

type Turn = NonNullable<NonNullable<IntegrationProfile['status']>['reclaim']>;

/** One whose end cannot be read is not over. */
function isOver({ expiresAt }: Turn, now: number): boolean {
  return timeOf(expiresAt) <= now;
}

/** A pass that broke off may go on in its own turn: one candidate is in one pass at a time. */
function isOf({ holder, candidate }: Turn, taker: TurnTaker): boolean {
  return holder === taker.holder && candidate === taker.candidate;
}

async function apply({ metadata }: IntegrationProfile, status: object, { client, signal }: Writing): Promise<IntegrationProfile> {
  const { name, namespace, resourceVersion } = metadata;
  const { apiVersion, kind } = integrationProfileResource;
  const own = { name, ...(namespace === undefined ? {} : { namespace }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  return client.apply<IntegrationProfile>(integrationProfileResource, { apiVersion, kind, metadata: own, status }, { fieldManager: turnManager, force: true, subresource: 'status', signal });
}

function isConflict(error: unknown): boolean {
  return error instanceof OperatorError && error.failure.kind === 'Conflict';
}
