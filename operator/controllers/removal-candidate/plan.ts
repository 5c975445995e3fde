import type { RemovalCandidateStatus } from '../../api/removal-candidate-status.ts';
import type { CandidateEvent } from '../../licensing/candidate/transitions.ts';
import type { DueMessage } from '../../notices/schedule.ts';

/** Fields of a candidate’s status that others write: the rule its findings, the answer page the answer, the drift watch the return. */
export const foreignFields = ['answer', 'evidence', 'potentialSavings', 'savingsText', 'planHash', 'ownership', 'returnedAt', 'tookEffectAt', 'conditions'] as const;

/** The part of the status that this controller alone writes, without the conditions. */
export type OwnStatus = Omit<RemovalCandidateStatus, (typeof foreignFields)[number]>;

/** A change of state, and why. */
export interface Move {
  readonly event: CandidateEvent;
  /** CamelCase; of status, history and event. */
  readonly reason: string;
  /** For people; no e-mail address, no vendor text (guard 7). */
  readonly text: string;
  /** Who made it so, for the audit trail; the operator unless given. */
  readonly actor?: string;
  /** Whether something went wrong that a person should look at. */
  readonly isWarning?: boolean;
}

/** What keeps the candidate where it is, as the conditions say it. */
export interface Standing {
  /** Fine: nothing is wrong. Waiting: it goes on by itself. NeedsPerson: somebody has to change something. */
  readonly kind: 'Fine' | 'Waiting' | 'NeedsPerson';
  readonly reason: string;
  readonly message: string;
}

/** What a pass does besides writing status: at most one thing, so that each is decided on what is there after the last. */
export type CandidateEffect =
  | { readonly kind: 'None' }
  | { readonly kind: 'SendMessage'; readonly message: DueMessage }
  /** Asks the vendor what stands in the way; changes nothing. */
  | { readonly kind: 'Inspect' }
  /** Writes to the vendor, if all guards hold at that moment. */
  | { readonly kind: 'Reclaim' }
  /** Finds out what became of an attempt. */
  | { readonly kind: 'ReadBack' }
  | { readonly kind: 'Restore' }
  | { readonly kind: 'DeleteUndo' }
  | { readonly kind: 'DeleteCandidate' };

/** What a pass over one candidate comes to. */
export interface CandidatePlan {
  readonly move?: Move;
  /** Own fields that change besides; undefined takes one away. */
  readonly change?: Partial<{ [Field in keyof OwnStatus]: OwnStatus[Field] | undefined }>;
  readonly effect: CandidateEffect;
  readonly standing: Standing;
  /** Milliseconds until the next look; undefined = when something changes. */
  readonly requeueAfterMs?: number;
}

export const none: CandidateEffect = { kind: 'None' };

/** The own part of a status as it is at the API server. */
export function ownPart(status: RemovalCandidateStatus | undefined): OwnStatus {
  const entries = Object.entries(status ?? {}).filter(([field]) => !foreignFields.some((foreign) => foreign === field));
  return Object.fromEntries(entries);
}
