import type { Audience, ChannelType, MessageKind, NoticeChannel, Notify } from '../api/notify.ts';
import type { CandidateMessage } from '../api/removal-candidate-status.ts';

const dayMs = 86_400_000;

/** What tells one message of a candidate from another. */
export interface MessageName {
  /** Of the candidate. */
  readonly uid: string;
  readonly kind: MessageKind;
  readonly audience: Audience;
  /** Name of the channel. */
  readonly channel: string;
  /** Of a reminder: days before the deadline. */
  readonly days?: number | undefined;
  /** How often the person has been asked by now; default 1. */
  readonly round?: number | undefined;
}

/** Id of a message: Message-ID of the mail and idempotency key, the same however often it is worked out (C8). At most 128 characters. */
export function messageId({ uid, kind, audience, channel, days, round = 1 }: MessageName): string {
  const parts = [uid, kind, audience, channel, ...(days === undefined ? [] : [days]), ...(round === 1 ? [] : [`r${round}`])];
  return `${parts.join('.')}@saaslicense`;
}

/** When the message of this id was sent, milliseconds since the epoch; undefined while it is not known to be. */
export function givenAt(messages: readonly CandidateMessage[], id: string): number | undefined {
  const message = messages.find((each) => each.id === id && each.state === 'Sent');
  return message === undefined ? undefined : Date.parse(message.time);
}

/**
 * Whether the person was told, which alone makes silence a consent (L5).
 * NoChannel: the rule has no channel for them. Failed: no channel could be used so far; it is tried again.
 */
export type NoticeStanding =
  | { readonly kind: 'Given'; readonly at: number }
  | { readonly kind: 'Open' }
  | { readonly kind: 'Failed'; readonly reason: string }
  | { readonly kind: 'NoChannel' };

/** Channels that reach the person themself; what is said in a room of Slack may never be read by them. */
const personal: ReadonlySet<ChannelType> = new Set(['Email', 'Webhook']);

/** How the notice to the person stands. Silence counts from `at` of Given, and never without it. */
export function noticeStanding(notify: Notify, messages: readonly CandidateMessage[], { uid, round }: Pick<MessageName, 'uid' | 'round'>): NoticeStanding {
  const channels = countingChannels(notify);
  if (channels.length === 0) return { kind: 'NoChannel' };
  const ids = channels.map(({ name }) => messageId({ uid, kind: 'Notice', audience: 'User', channel: name, round }));
  const given = ids.map((id) => givenAt(messages, id)).filter((at) => at !== undefined);
  if (given.length > 0) return { kind: 'Given', at: Math.min(...given) };
  const found = ids.map((id) => messages.find((message) => message.id === id));
  const failed = found.filter((message) => message?.state === 'Failed');
  if (failed.length < ids.length) return { kind: 'Open' };
  return { kind: 'Failed', reason: failed[0]?.reason ?? 'NoticeFailed' };
}

/** A rule with a personal channel for people has told nobody as long as only a room of Slack has heard of it. */
function countingChannels({ channels = [] }: Notify): readonly NoticeChannel[] {
  const forUser = channels.filter(({ audiences }) => audiences.includes('User'));
  const reaching = forUser.filter(({ type }) => personal.has(type));
  return reaching.length > 0 ? reaching : forUser;
}

/**
 * When the notice runs out, milliseconds since the epoch: the whole of it after it was given (L5). Before that, what the text of the
 * notice says: as if it were given now; a notice that goes out later than that gives more time than it says, never less.
 */
export function answerDeadline({ daysBeforeAutoReclaim }: Notify, standing: NoticeStanding, now: number): number {
  return (standing.kind === 'Given' ? standing.at : now) + daysBeforeAutoReclaim * dayMs;
}
