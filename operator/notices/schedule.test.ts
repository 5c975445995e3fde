import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notify as notifySchema, type Notify } from '../api/notify.ts';
import type { CandidateMessage } from '../api/removal-candidate-status.ts';
import { messagesDue, reminderDays, type DueMessage, type MessageSituation } from './schedule.ts';
import { answerDeadline, messageId, noticeStanding } from './standing.ts';

const day = 86_400_000;
const minute = 60_000;
const start = Date.parse('2026-11-24T00:00:00Z');
const uid = '6a8f0a1c-6a55-4d35-9a6f-000000000001';

const email = { name: 'mail', type: 'Email', secretRef: { name: 'mail' }, audiences: ['User', 'Approvers'] };
const room = { name: 'room', type: 'Slack', secretRef: { name: 'room' }, audiences: ['User'] };

function aNotify(more: object = {}): Notify {
  return notifySchema.parse({ channels: [email], ...more });
}

function situation(more: Partial<MessageSituation> = {}): MessageSituation {
  return { uid, state: 'AwaitingUser', outcome: undefined, notify: aNotify(), messages: [], isAnswered: false, deadline: undefined, frozenUntil: undefined, ...more };
}

function record({ id, kind, audience, channel, attempts }: DueMessage, at: number, more: Partial<CandidateMessage> = {}): CandidateMessage {
  return { id, kind, audience, channel: channel.name, state: 'Sent', time: new Date(at).toISOString(), attempts: attempts + 1, ...more };
}

function kindsAt(of: MessageSituation, now: number): string[] {
  return messagesDue(of, now).due.map(({ id }) => id.slice(uid.length + 1));
}

/**
 * A candidate under a controller that is awake at the times given: it sends what is due and writes that down; gives when each message went out.
 */
function live(of: MessageSituation, awake: readonly number[]): { readonly sent: [number, string][]; readonly deadline: number | undefined } {
  let { messages, deadline } = of;
  const sent: [number, string][] = [];
  for (const now of awake) {
    const { due } = messagesDue({ ...of, messages, deadline }, now);
    for (const message of due) {
      sent.push([now, message.id.slice(uid.length + 1)]);
      messages = [...messages, record(message, now)];
    }
    const standing = of.notify === undefined ? undefined : noticeStanding(of.notify, messages, { uid });
    if (of.notify !== undefined && standing?.kind === 'Given') deadline ??= answerDeadline(of.notify, standing, now);
  }
  return { sent, deadline };
}

const everyHour = (days: number): number[] => Array.from({ length: days * 24 + 1 }, (_, hour) => start + hour * 3_600_000);

describe('which messages are due', () => {
  it('L4: nobody is told without notify, or without channels', () => {
    expect(messagesDue(situation({ notify: undefined }), start)).toEqual({ due: [], nextAt: undefined });
    expect(messagesDue(situation({ notify: aNotify({ channels: undefined }) }), start)).toEqual({ due: [], nextAt: undefined });
  });

  it('C8: notice, reminders 7 days and 1 day before, and nothing after the deadline, each once', () => {
    const { sent, deadline } = live(situation(), everyHour(20));
    expect(deadline).toBe(start + 14 * day);
    expect(sent).toEqual([
      [start, 'Notice.User.mail@saaslicense'],
      [start + 7 * day, 'Reminder.User.mail.7@saaslicense'],
      [start + 13 * day, 'Reminder.User.mail.1@saaslicense'],
    ]);
  });

  it('C8: reminders lie within the notice', () => {
    expect(reminderDays(aNotify({ daysBeforeAutoReclaim: 7 }))).toEqual([1]);
    expect(reminderDays(aNotify({ daysBeforeAutoReclaim: 1 }))).toEqual([]);
    expect(reminderDays(aNotify({ daysBeforeAutoReclaim: 30, reminders: [20, 3] }))).toEqual([20, 3]);
  });

  it('C8: reminders that were missed while nothing ran are one reminder', () => {
    const of = situation({ notify: aNotify({ daysBeforeAutoReclaim: 30, reminders: [20, 10, 5, 1] }) });
    const { sent } = live(of, [start, start + 26 * day, start + 26 * day + minute, start + 29 * day]);
    expect(sent.map(([, id]) => id)).toEqual(['Notice.User.mail@saaslicense', 'Reminder.User.mail.5@saaslicense', 'Reminder.User.mail.1@saaslicense']);
  });

  it('C8: who was told late is not reminded of days that were over by then', () => {
    const first = messagesDue(situation(), start).due[0];
    if (first === undefined) throw new Error('a notice is due');
    const deadline = start + 14 * day;
    const told = situation({ messages: [record(first, start + 10 * day)], deadline });
    expect(messagesDue(told, start + 10 * day + minute)).toEqual({ due: [], nextAt: deadline - day });
  });

  it('says when to look again, to the minute', () => {
    const first = messagesDue(situation(), start).due[0];
    if (first === undefined) throw new Error('a notice is due');
    const told = situation({ messages: [record(first, start)], deadline: start + 14 * day });
    expect(messagesDue(told, start + minute)).toEqual({ due: [], nextAt: start + 7 * day });
    expect(messagesDue(told, start + 7 * day).due).toHaveLength(1);
  });

  it('L5: who has answered is left alone', () => {
    expect(messagesDue(situation({ isAnswered: true }), start)).toEqual({ due: [], nextAt: undefined });
  });

  it('L5: a notice is not sent when the deadline is over', () => {
    expect(kindsAt(situation({ deadline: start - 1 }), start)).toEqual([]);
  });

  it('L5, C10: a wish to keep goes to the approvers, and only there', () => {
    expect(kindsAt(situation({ state: 'AwaitingApproval', notify: aNotify({ channels: [email, room] }) }), start)).toEqual(['ApprovalRequest.Approvers.mail@saaslicense']);
  });

  it('a freeze holds what asks, and not what tells of the past', () => {
    const frozenUntil = start + 3 * day;
    expect(messagesDue(situation({ frozenUntil }), start)).toEqual({ due: [], nextAt: frozenUntil });
    expect(kindsAt(situation({ frozenUntil, state: 'ClosedComplete', outcome: 'Reclaimed' }), start)).toEqual(['Reclaimed.User.mail@saaslicense', 'Reclaimed.Approvers.mail@saaslicense']);
  });

  it('who was never asked is not told that they keep it', () => {
    const kept = situation({ state: 'ClosedSkipped', outcome: 'Kept' });
    expect(kindsAt(kept, start)).toEqual([]);
    const notice = messagesDue(situation(), start).due.map((message) => record(message, start));
    expect(kindsAt({ ...kept, messages: notice }, start)).toEqual(['Kept.User.mail@saaslicense']);
  });

  it.each(['Ready', 'AwaitingRevocation', 'AttentionRequired', 'ClosedComplete', 'ClosedSkipped', 'ClosedCanceled', undefined] as const)('%s: nothing is due by itself', (state) => {
    expect(messagesDue(situation({ state }), start)).toEqual({ due: [], nextAt: undefined });
  });

  it('a second round has messages of its own', () => {
    const first = messagesDue(situation(), start).due.map((message) => record(message, start));
    expect(kindsAt(situation({ messages: first, round: 2 }), start + 90 * day)).toEqual(['Notice.User.mail.r2@saaslicense']);
  });

  it('ids are short enough for status, whatever the channel is called', () => {
    expect(messageId({ uid, kind: 'ApprovalRequest', audience: 'Approvers', channel: 'c'.repeat(32), days: 89, round: 99 }).length).toBeLessThanOrEqual(128);
  });
});

describe('C8: what was tried before', () => {
  const [notice] = messagesDue(situation(), start).due;
  if (notice === undefined) throw new Error('a notice is due');

  it('a claim whose sender died is sent under the same id, at once', () => {
    const { due } = messagesDue(situation({ messages: [record(notice, start, { state: 'Sending' })] }), start + 1);
    expect(due).toEqual([{ ...notice, attempts: 1 }]);
  });

  it('one that kills its sender each time is not tried without a pause', () => {
    const messages = [record(notice, start, { state: 'Sending', attempts: 3 })];
    expect(messagesDue(situation({ messages }), start + 1)).toEqual({ due: [], nextAt: start + 20 * minute });
  });

  it.each([[1, 5], [2, 10], [3, 20], [9, 360], [60, 360]])('after failure %i it pauses for %i minutes', (attempts, minutes) => {
    const messages = [record(notice, start, { state: 'Failed', attempts })];
    expect(messagesDue(situation({ messages }), start + 1)).toEqual({ due: [], nextAt: start + minutes * minute });
    expect(messagesDue(situation({ messages }), start + minutes * minute).due).toEqual([{ ...notice, attempts }]);
  });

  it('what only tells of the past is given up in the end', () => {
    const [told] = messagesDue(situation({ state: 'ClosedComplete', outcome: 'Reclaimed', notify: aNotify({ channels: [room] }) }), start).due;
    if (told === undefined) throw new Error('it is told');
    const messages = [record(told, start, { state: 'Failed', attempts: 10 })];
    expect(messagesDue(situation({ state: 'ClosedComplete', outcome: 'Reclaimed', notify: aNotify({ channels: [room] }), messages }), start + 90 * day)).toEqual({ due: [], nextAt: undefined });
  });

  it('no message is ever sent twice, reminders are in order and before the deadline, whenever the controller is awake', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 40 * 24 }), { minLength: 1, maxLength: 40 }).map((hours) => hours.sort((a, b) => a - b).map((hour) => start + hour * 3_600_000));
    const reminders = fc.uniqueArray(fc.integer({ min: 1, max: 29 }), { maxLength: 5 });
    fc.assert(
      fc.property(times, reminders, fc.boolean(), (awake, days, both) => {
        const notify = aNotify({ daysBeforeAutoReclaim: 30, reminders: days, channels: both ? [email, room] : [email] });
        const { sent, deadline = 0 } = live(situation({ notify }), awake);
        expect(new Set(sent.map(([, id]) => id)).size).toBe(sent.length);
        for (const [at, id] of sent.filter(([, each]) => each.startsWith('Reminder'))) {
          expect(at).toBeLessThan(deadline);
          expect(at).toBeGreaterThanOrEqual(deadline - Number(/\.(\d+)@/.exec(id)?.[1]) * day);
        }
        for (const now of awake) expect(sent.filter(([at, id]) => at === now && id.includes('.mail')).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('L5: whether the person was told, so that silence may count', () => {
  const notify = aNotify({ channels: [email, room] });
  const due = messagesDue(situation({ notify }), start).due;
  const of = (channel: string): DueMessage => due.find((message) => message.channel.name === channel) ?? expect.unreachable();

  it('a claim is not known to be sent', () => {
    expect(noticeStanding(notify, [record(of('mail'), start, { state: 'Sending' })], { uid })).toEqual({ kind: 'Open' });
    expect(noticeStanding(notify, [], { uid })).toEqual({ kind: 'Open' });
  });

  it('a room that heard of it has not told the person, when there is a mail to send', () => {
    expect(noticeStanding(notify, [record(of('room'), start)], { uid })).toEqual({ kind: 'Open' });
    expect(noticeStanding(notify, [record(of('room'), start), record(of('mail'), start, { state: 'Failed', reason: 'NoticeRefused' })], { uid })).toEqual({ kind: 'Failed', reason: 'NoticeRefused' });
    expect(noticeStanding(aNotify({ channels: [room] }), [record(of('room'), start)], { uid })).toEqual({ kind: 'Given', at: start });
  });

  it('the notice of another candidate, or of another round, is none of this', () => {
    const messages = [record(of('mail'), start)];
    expect(noticeStanding(notify, messages, { uid: 'another' })).toEqual({ kind: 'Open' });
    expect(noticeStanding(notify, messages, { uid, round: 2 })).toEqual({ kind: 'Open' });
  });

  it('nobody can be told through channels for approvers', () => {
    expect(noticeStanding(aNotify({ channels: [{ ...email, audiences: ['Approvers'] }] }), [], { uid })).toEqual({ kind: 'NoChannel' });
    expect(noticeStanding(aNotify({ channels: undefined }), [], { uid })).toEqual({ kind: 'NoChannel' });
  });

  it('the whole notice follows after it was given, however late that was', () => {
    expect(answerDeadline(notify, { kind: 'Given', at: start + 5 * day }, start + 6 * day)).toBe(start + 19 * day);
    expect(answerDeadline(notify, { kind: 'Open' }, start)).toBe(start + 14 * day);
  });
});
