import type { Audience, MessageKind, Notify, NoticeChannel } from '../api/notify.ts';
import type { CandidateMessage, CandidateState } from '../api/removal-candidate-status.ts';
import { givenAt, messageId } from './standing.ts';

const dayMs = 86_400_000;

/** What decides which messages a candidate still owes. */
export interface MessageSituation {
  /** Of the candidate: a message is of it and of no namesake. */
  readonly uid: string;
  readonly state: CandidateState | undefined;
  /** What is told about a closed candidate; undefined = nothing: it was closed for another reason. */
  readonly outcome: 'Reclaimed' | 'Kept' | undefined;
  /** Of the rule; undefined = nobody is told (L4). */
  readonly notify: Notify | undefined;
  /** status.messages. */
  readonly messages: readonly CandidateMessage[];
  /** The person has answered: they are neither told nor reminded any more. */
  readonly isAnswered: boolean;
  /** When the notice runs out; milliseconds since the epoch. Undefined = not set yet. */
  readonly deadline: number | undefined;
  /** End of a freeze that lasts now; milliseconds since the epoch. */
  readonly frozenUntil: number | undefined;
  /** 1 for the first time that the person is asked, 2 for the second …: each time has messages of its own. Default 1. */
  readonly round?: number | undefined;
}

/** A message to claim in status, and then to send. */
export interface DueMessage {
  /** The same however often it is worked out: Message-ID and idempotency key (C8). */
  readonly id: string;
  readonly kind: MessageKind;
  readonly audience: Audience;
  readonly channel: NoticeChannel;
  /** How often it was tried already. */
  readonly attempts: number;
}

export interface MessagesDue {
  /** To be sent now, in this order. */
  readonly due: readonly DueMessage[];
  /** When to look again, milliseconds since the epoch; undefined = time alone brings nothing more. */
  readonly nextAt: number | undefined;
}

const audiencesOf: Readonly<Record<MessageKind, readonly Audience[]>> = {
  Notice: ['User'],
  Reminder: ['User'],
  ApprovalRequest: ['Approvers'],
  Reclaimed: ['User', 'Approvers'],
  Kept: ['User'],
};

/** Told although a freeze lasts: they tell what has happened, and ask for nothing. */
const toldInFreeze: ReadonlySet<MessageKind> = new Set(['Reclaimed', 'Kept']);

const defaultReminders = [7, 1] as const;
const firstRetryMs = 5 * 60_000;
const longestRetryMs = 6 * 3_600_000;
/** What only tells of the past is not tried for ever. */
const mostAttemptsAfterClose = 10;

/**
 * Messages that are due now, and when to look again (L4, L5, C8). Pure. Each is due until status.messages says that it was
 * sent: one that was claimed and not known to be sent is due again under the same id, one that failed is so after a
 * pause. A reminder that was missed is sent once, not as many times as were missed.
 */
export function messagesDue(situation: MessageSituation, now: number): MessagesDue {
  const due: DueMessage[] = [];
  const later: number[] = [];
  for (const wanted of listWanted(situation, now)) {
    const at = Math.max(sendAt(wanted, situation), wanted.from);
    if (at > now) later.push(at);
    else due.push(toDue(wanted, situation));
  }
  const nextAt = later.filter((at) => Number.isFinite(at)).reduce<number | undefined>((least, at) => Math.min(least ?? at, at), undefined);
  return { due, nextAt };
}

interface Wanted {
  readonly kind: MessageKind;
  readonly audience: Audience;
  readonly channel: NoticeChannel;
  /** Of a reminder. */
  readonly days: number | undefined;
  /** Not before; milliseconds since the epoch. */
  readonly from: number;
}

function listWanted(situation: MessageSituation, now: number): Wanted[] {
  return kindsOf(situation, now).flatMap((kind) =>
    audiencesOf[kind].flatMap((audience) =>
      channelsFor(situation.notify, audience).flatMap((channel) => {
        if (kind === 'Reminder') return listReminders(situation, channel, now);
        if (kind === 'Kept' && sentAt(situation, channel) === undefined) return [];
        return [{ kind, audience, channel, days: undefined, from: now }];
      }),
    ),
  );
}

function kindsOf({ state, outcome, isAnswered, deadline }: MessageSituation, now: number): MessageKind[] {
  if (outcome !== undefined) return [outcome];
  if (state === 'AwaitingApproval') return ['ApprovalRequest'];
  if (state !== 'AwaitingUser' || isAnswered) return [];
  // Nobody is asked for an answer that comes too late.
  return deadline !== undefined && deadline <= now ? [] : ['Notice', 'Reminder'];
}

/** The latest reminder whose day has come, and the next one; none for days that were over when the notice went out. */
function listReminders(situation: MessageSituation, channel: NoticeChannel, now: number): Wanted[] {
  const { notify, deadline } = situation;
  const told = sentAt(situation, channel);
  if (notify === undefined || deadline === undefined || told === undefined) return [];
  const moments = reminderDays(notify)
    .map((days) => ({ days, from: deadline - days * dayMs }))
    .filter(({ from }) => from > told)
    .sort((a, b) => a.from - b.from);
  const current = moments.findLast(({ from }) => from <= now);
  const next = moments.find(({ from }) => from > now);
  return [current, next].flatMap((moment) => (moment === undefined ? [] : [{ kind: 'Reminder', audience: 'User', channel, ...moment } as const]));
}

/** Days before the deadline on which to remind: 7 and 1 unless told, as far as they lie within the notice (C8). */
export function reminderDays({ reminders, daysBeforeAutoReclaim }: Notify): readonly number[] {
  return (reminders ?? defaultReminders).filter((days) => days < daysBeforeAutoReclaim);
}

function channelsFor(notify: Notify | undefined, audience: Audience): readonly NoticeChannel[] {
  return (notify?.channels ?? []).filter(({ audiences }) => audiences.includes(audience));
}

function sentAt({ uid, messages, round }: MessageSituation, { name }: NoticeChannel): number | undefined {
  return givenAt(messages, messageId({ uid, kind: 'Notice', audience: 'User', channel: name, round }));
}

/** Infinity: never. */
function sendAt(wanted: Wanted, situation: MessageSituation): number {
  const frozen = toldInFreeze.has(wanted.kind) ? 0 : (situation.frozenUntil ?? 0);
  const before = find(wanted, situation);
  if (before?.state === 'Sent') return Infinity;
  if (before === undefined) return frozen;
  if (situation.outcome !== undefined && before.attempts >= mostAttemptsAfterClose) return Infinity;
  return Math.max(frozen, Date.parse(before.time) + pauseAfter(before));
}

/** A claim whose sender died is taken up at once, unless it kills its sender each time. */
function pauseAfter({ state, attempts }: CandidateMessage): number {
  if (state === 'Sending' && attempts < 3) return 0;
  return Math.min(firstRetryMs * 2 ** Math.max(0, attempts - 1), longestRetryMs);
}

function find(wanted: Wanted, situation: MessageSituation): CandidateMessage | undefined {
  const id = idOf(wanted, situation);
  return situation.messages.find((message) => message.id === id);
}

function idOf({ kind, audience, channel, days }: Wanted, { uid, round }: MessageSituation): string {
  return messageId({ uid, kind, audience, channel: channel.name, days, round });
}

function toDue(wanted: Wanted, situation: MessageSituation): DueMessage {
  const { kind, audience, channel } = wanted;
  return { id: idOf(wanted, situation), kind, audience, channel, attempts: find(wanted, situation)?.attempts ?? 0 };
}
