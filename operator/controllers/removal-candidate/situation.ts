import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { MessageSituation } from '../../notices/schedule.ts';
import { roundOf } from './rights.ts';
import { timeOf } from './times.ts';

/** What decides which messages a candidate owes. Whoever has answered is not in AwaitingUser any more. */
export function situationOf(candidate: RemovalCandidate, rest: Pick<MessageSituation, 'notify' | 'outcome' | 'frozenUntil'>): MessageSituation {
  const { state, messages = [], deadline } = candidate.status ?? {};
  return { ...roundOf(candidate), state, messages, isAnswered: false, deadline: deadline === undefined ? undefined : timeOf(deadline), ...rest };
}
