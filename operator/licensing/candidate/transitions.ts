import type { CandidateState } from '../../api/removal-candidate.ts';

/** What may happen to a candidate; each is decided from facts elsewhere (requirements B2). */
export const candidateEvents = [
  /** The rule found it. */
  'Found',
  /** The rule found it, notice is on, and the person has no address (L7). */
  'FoundUnresolved',
  /** Something stands in the way that passes or that a person has to mend (L7, guard 3). */
  'Obstructed',
  /** What stood in the way is gone, or a person asked to go on before anybody was told (L7). */
  'Cleared',
  /** To be reclaimed, and the person is asked first (L8). */
  'ReclaimWithNotice',
  /** To be reclaimed, and nobody has to be asked (L8, L11), or the notice was served before. */
  'ReclaimAtOnce',
  /** A person asked to try again (L14). */
  'Resumed',
  /** The person lets it go, or the notice ran out (L5). */
  'Released',
  /** The person wants to keep it, and somebody has to agree (L5). */
  'KeepWished',
  /** It is kept: the person’s wish is enough, or whoever decides says so (L5, C9). */
  'Kept',
  /** Whoever decides does not let it be kept (L5). */
  'KeepDeclined',
  /** The reclaim failed, or was refused (L12). */
  'Failed',
  /** It was reclaimed, here or by hand (L12). */
  'Carried',
  /** The person was active (L10). */
  'ActivityReturned',
  /** The subscription is gone (L9). */
  'Vanished',
  /** The profile is gone, the person is protected by now, or the rule is not for them any more (L28). */
  'NoLongerDue',
  /** A person closed it as settled (L14). */
  'SettledElsewhere',
  /** A person closed it as not to be done (L14). */
  'Dismissed',
] as const;
export type CandidateEvent = (typeof candidateEvents)[number];

const anyOpen = {
  Kept: 'ClosedSkipped',
  ActivityReturned: 'ClosedCanceled',
  Vanished: 'ClosedSkipped',
  NoLongerDue: 'ClosedSkipped',
  SettledElsewhere: 'ClosedComplete',
  Dismissed: 'ClosedSkipped',
  // An attempt whose outcome was not known turns out to have been carried out, whatever a person asked for meanwhile.
  Carried: 'ClosedComplete',
} as const satisfies Partial<Record<CandidateEvent, CandidateState>>;

type Row = Partial<Record<CandidateEvent, CandidateState>>;

/** The whole table: what is not in it cannot happen. Closed states have no row that leads anywhere (L6). */
const table: Readonly<Record<CandidateState | 'None', Row>> = {
  None: { Found: 'Ready', FoundUnresolved: 'AttentionRequired' },
  Ready: { ...anyOpen, Obstructed: 'AttentionRequired', ReclaimWithNotice: 'AwaitingUser', ReclaimAtOnce: 'AwaitingRevocation' },
  AwaitingUser: { ...anyOpen, Obstructed: 'AttentionRequired', Released: 'AwaitingRevocation', KeepWished: 'AwaitingApproval' },
  AwaitingApproval: { ...anyOpen, KeepDeclined: 'AwaitingRevocation' },
  // A wish to keep that comes late is still heard: nothing has been done yet.
  AwaitingRevocation: { ...anyOpen, Vanished: 'ClosedComplete', Failed: 'AttentionRequired', Obstructed: 'AttentionRequired', KeepWished: 'AwaitingApproval' },
  AttentionRequired: { ...anyOpen, Cleared: 'Ready', Resumed: 'AwaitingRevocation' },
  ClosedComplete: {},
  ClosedSkipped: {},
  ClosedCanceled: {},
};

/** The state that an event leads to (requirements B2); undefined = the event means nothing in this state, and nothing changes. */
export function transition(state: CandidateState | undefined, event: CandidateEvent): CandidateState | undefined {
  return table[state ?? 'None'][event];
}

/** Whether a candidate in this state is over: nothing leads out of it (L6). */
export function isClosed(state: CandidateState | undefined): boolean {
  return state === 'ClosedComplete' || state === 'ClosedSkipped' || state === 'ClosedCanceled';
}
