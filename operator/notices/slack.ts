import type { NoticeMessage, ResolvedChannel } from './notice.ts';
import { escapeSlack } from './plain-text.ts';
import { renderNotice } from './render.ts';
import type { SendTools } from './sender.ts';

/**
 * Posts to an incoming webhook of Slack, or of what takes the same (Mattermost, Rocket.Chat, Google Chat). Such a receiver knows no idempotency
 * key: a message whose acknowledgement was lost is posted again.
 */
export async function sendSlack(message: NoticeMessage, channel: Extract<ResolvedChannel, { type: 'Slack' }>, { post, gate, signal }: SendTools): Promise<void> {
  const { subject, text } = renderNotice(message, 'Slack');
  const body = JSON.stringify({ text: escapeSlack(`${subject}\n\n${text}`) });
  await post({ channel: channel.name, url: channel.url, headers: {}, body, gate, signal });
}
