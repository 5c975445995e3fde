import { describe, expect, it } from 'vitest';
import { candidateStates, type CandidateState } from '../../api/removal-candidate.ts';
import { candidateEvents, isClosed, transition, type CandidateEvent } from './transitions.ts';

/** Written out a second time, from requirements B2 and L5–L12: every pair that is not here must change nothing. */
const expected: readonly [CandidateState | 'None', CandidateEvent, CandidateState][] = [
  ['None', 'Found', 'Ready'],
  ['None', 'FoundUnresolved', 'AttentionRequired'],
  ['AttentionRequired', 'Cleared', 'Ready'],
  ['AttentionRequired', 'Resumed', 'AwaitingRevocation'],
  ['Ready', 'ReclaimWithNotice', 'AwaitingUser'],
  ['Ready', 'ReclaimAtOnce', 'AwaitingRevocation'],
  ['Ready', 'Obstructed', 'AttentionRequired'],
  ['AwaitingUser', 'Released', 'AwaitingRevocation'],
  ['AwaitingUser', 'KeepWished', 'AwaitingApproval'],
  ['AwaitingUser', 'Obstructed', 'AttentionRequired'],
  ['AwaitingApproval', 'KeepDeclined', 'AwaitingRevocation'],
  ['AwaitingRevocation', 'Vanished', 'ClosedComplete'],
  ['AwaitingRevocation', 'Failed', 'AttentionRequired'],
  ['AwaitingRevocation', 'Obstructed', 'AttentionRequired'],
  ['AwaitingRevocation', 'KeepWished', 'AwaitingApproval'],
  ...(['Ready', 'AwaitingUser', 'AwaitingApproval', 'AwaitingRevocation', 'AttentionRequired'] as const).flatMap((state): [CandidateState, CandidateEvent, CandidateState][] => [
    [state, 'Kept', 'ClosedSkipped'],
    [state, 'ActivityReturned', 'ClosedCanceled'],
    [state, 'NoLongerDue', 'ClosedSkipped'],
    [state, 'SettledElsewhere', 'ClosedComplete'],
    [state, 'Dismissed', 'ClosedSkipped'],
    [state, 'Carried', 'ClosedComplete'],
    ...(state === 'AwaitingRevocation' ? [] : [[state, 'Vanished', 'ClosedSkipped'] as [CandidateState, CandidateEvent, CandidateState]]),
  ]),
];

const pairs = ([undefined, ...candidateStates] as const).flatMap((state) => candidateEvents.map((event) => ({ state, event })));

describe('the states of a candidate', () => {
  it.each(pairs)('L6: $state and $event', ({ state, event }) => {
    const row = expected.find(([from, what]) => from === (state ?? 'None') && what === event);
    expect(transition(state, event)).toBe(row?.[2]);
  });

  it('L6: has eight states, of which the three closed ones are terminal', () => {
    expect(candidateStates).toHaveLength(8);
    const closed = candidateStates.filter((state) => isClosed(state));
    expect(closed).toEqual(['ClosedComplete', 'ClosedSkipped', 'ClosedCanceled']);
    for (const state of closed) for (const event of candidateEvents) expect(transition(state, event)).toBeUndefined();
  });

  it('L6: every state is reached by some event, and every event leads somewhere', () => {
    const reached = new Set(pairs.map(({ state, event }) => transition(state, event)));
    expect([...candidateStates].every((state) => reached.has(state))).toBe(true);
    for (const event of candidateEvents) expect(pairs.some((pair) => pair.event === event && transition(pair.state, event) !== undefined)).toBe(true);
  });

  it('guard 4: only an attempt that was resumed by a person leads from AttentionRequired to AwaitingRevocation', () => {
    const ways = candidateEvents.filter((event) => transition('AttentionRequired', event) === 'AwaitingRevocation');
    expect(ways).toEqual(['Resumed']);
  });
});
