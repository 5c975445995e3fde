import type { Audience, MessageKind, NoticeTemplate } from '../api/notify.ts';
import type { SecretValue } from '../api/secret-value.ts';

/** A channel with what its Secret says; made by `resolveChannel`. */
export type ResolvedChannel =
  | { readonly type: 'Email'; readonly name: string; readonly smtpUrl: SecretValue; readonly from: string; readonly approvers: readonly string[] }
  | { readonly type: 'Slack'; readonly name: string; readonly url: SecretValue }
  | { readonly type: 'Webhook'; readonly name: string; readonly url: SecretValue; readonly signingKey: SecretValue };

/** What a message says of a candidate; every field is plain text of unknown origin. */
export interface NoticeFacts {
  readonly candidate: string;
  readonly namespace: string;
  readonly displayName: string;
  /** E-mail address of the person; undefined when unresolved. */
  readonly address: string | undefined;
  readonly product: string;
  readonly license: string;
  readonly action: 'Downgrade' | 'Remove';
  readonly inactiveDays: number | undefined;
  /** RFC 3339. */
  readonly lastActivity: string | undefined;
  readonly deadline: string | undefined;
  /** What the person or approver wrote or decided. */
  readonly reason: string | undefined;
  readonly keepUrl: string | undefined;
  readonly releaseUrl: string | undefined;
}

/** One message to one audience through one channel. */
export interface NoticeMessage {
  /** Message-ID of the mail, `Idempotency-Key` of a webhook: the same however often it is tried (C8). */
  readonly id: string;
  readonly kind: MessageKind;
  readonly audience: Audience;
  readonly facts: NoticeFacts;
  /** Of the rule; undefined = the operator's own text. */
  readonly template: NoticeTemplate | undefined;
}

/** Tells people. Throws Terminal (bad Secret, host not allowed, address refused) or Retryable (server away). */
export interface NoticeSender {
  send(message: NoticeMessage, channel: ResolvedChannel, signal: AbortSignal): Promise<void>;
}
