import { createHmac } from 'node:crypto';
import { compact } from '../api/compact.ts';
import type { SecretValue } from '../api/secret-value.ts';
import type { NoticeMessage, ResolvedChannel } from './notice.ts';
import { renderNotice } from './render.ts';
import type { SendTools } from './sender.ts';

export const webhookVersion = 'saaslicense.dev/notice/v1';

/**
 * Posts the message as JSON, signed: `X-Saaslicense-Signature` is `v1=` and the HMAC-SHA256 in hexadecimal digits of
 * `<X-Saaslicense-Timestamp>.<body>` under the channel's signing key. The receiver takes an `Idempotency-Key` once, and refuses a timestamp
 * (seconds since 1970) that is far from its own clock.
 */
export async function sendWebhook(message: NoticeMessage, channel: Extract<ResolvedChannel, { type: 'Webhook' }>, { post, gate, clock, signal }: SendTools): Promise<void> {
  const body = JSON.stringify(bodyOf(message));
  const timestamp = String(Math.floor(clock.now() / 1000));
  const headers = {
    'idempotency-key': message.id,
    'x-saaslicense-timestamp': timestamp,
    'x-saaslicense-signature': signWebhook(channel.signingKey, timestamp, body),
  };
  await post({ channel: channel.name, url: channel.url, headers, body, gate, signal });
}

/** Value of `X-Saaslicense-Signature`. */
export function signWebhook(key: SecretValue, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', key.reveal()).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** Facts as they are, beside a text: a machine reads it, and JSON needs no other escaping. */
function bodyOf(message: NoticeMessage): object {
  const { id, kind, audience, facts } = message;
  const { subject, text } = renderNotice(message, 'Webhook');
  const { candidate, namespace, displayName, address, product, license, action, inactiveDays, lastActivity, deadline, reason, keepUrl, releaseUrl } = facts;
  return {
    version: webhookVersion,
    id,
    kind,
    audience,
    subject,
    text,
    candidate: { namespace, name: candidate },
    person: compact({ displayName, address }),
    subscription: { product, license },
    action,
    ...compact({ inactiveDays, lastActivity, deadline, reason }),
    answer: compact({ keepUrl, releaseUrl }),
  };
}
