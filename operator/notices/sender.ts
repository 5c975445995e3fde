import type { Clock } from '../api/clock.ts';
import { createHostGate, type HostGate } from './allowed-hosts.ts';
import { createMailer, type SendMail } from './email.ts';
import { createPoster, type Post } from './post.ts';
import type { NoticeMessage, NoticeSender, ResolvedChannel } from './notice.ts';
import { sendSlack } from './slack.ts';
import { sendWebhook } from './webhook.ts';

export interface NoticeSenderOptions {
  /** Time in signatures of webhooks. */
  readonly clock: Clock;
  /** As `checkAllowedHost` takes them; with none nothing is ever connected to. */
  readonly allowedHosts: readonly string[];
  /** PEM of authorities to trust instead of Node's own. */
  readonly certificateAuthority?: string | undefined;
  /** False: TLS is wanted on loopback too, as the tests of TLS do. */
  readonly trustsLoopback?: boolean | undefined;
}

/** What sending through a channel needs. */
export interface SendTools {
  readonly clock: Clock;
  readonly gate: HostGate;
  readonly post: Post;
  readonly sendMail: SendMail;
  readonly signal: AbortSignal;
}

/**
 * Tells people, through hosts that are allowed only (see `HostGate`). One message is one exchange of at most 30 seconds, and is never tried
 * again here: who claimed it in status does, under the same id, so that a receiver takes it once (C8).
 *
 * Throws Terminal for what a person must put right: `NoticeHostNotAllowed`, `NoticeTlsRequired`, `NoticeCertificateInvalid`,
 * `NoticeLoginRefused`, `NoticeAddressMissing`, `NoticeAddressInvalid`, `NoticeRefused`, `TemplateInvalid`; Retryable
 * `NoticeServerUnavailable` for the rest. Messages name the channel, and never an address, a host or what a server said (guard 7).
 */
export function createNoticeSender({ clock, allowedHosts, certificateAuthority, trustsLoopback }: NoticeSenderOptions): NoticeSender {
  const gate = createHostGate(allowedHosts, trustsLoopback);
  const post = createPoster(certificateAuthority);
  const sendMail = createMailer(certificateAuthority);
  return { send: async (message, channel, signal) => send(message, channel, { clock, gate, post, sendMail, signal }) };
}

async function send(message: NoticeMessage, channel: ResolvedChannel, tools: SendTools): Promise<void> {
  switch (channel.type) {
    case 'Email':
      return tools.sendMail(message, channel, tools);
    case 'Slack':
      return sendSlack(message, channel, tools);
    case 'Webhook':
      return sendWebhook(message, channel, tools);
  }
}
