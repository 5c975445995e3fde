import { terminal } from '../api/errors.ts';
import type { NoticeChannel } from '../api/notify.ts';
import type { SecretValue } from '../api/secret-value.ts';
import type { ResolvedChannel } from './notice.ts';
import { readAddress } from './address.ts';
import { readSmtpUrl } from './smtp-url.ts';
import { readWebhookUrl } from './webhook-url.ts';

/** Gives the text of a key of the channel's Secret; undefined when it is missing or empty. */
export type ReadKey = (key: string) => SecretValue | undefined;

const mostApprovers = 50;
const leastKeyLength = 16;

/**
 * A channel with what its Secret says. Throws Terminal `NoticeSecretInvalid`, which names the channel, the Secret and the key, and never
 * a value (guard 7).
 */
export function resolveChannel(channel: NoticeChannel, read: ReadKey): ResolvedChannel {
  const keys = new Keys(channel, read);
  const { name } = channel;
  if (channel.type === 'Slack') return { type: 'Slack', name, url: keys.webhookUrl() };
  if (channel.type === 'Webhook') return { type: 'Webhook', name, url: keys.webhookUrl(), signingKey: keys.signingKey() };
  return { type: 'Email', name, smtpUrl: keys.smtpUrl(), from: keys.from(), approvers: keys.approvers() };
}

class Keys {
  readonly #channel: NoticeChannel;
  readonly #read: ReadKey;

  constructor(channel: NoticeChannel, read: ReadKey) {
    this.#channel = channel;
    this.#read = read;
  }

  smtpUrl(): SecretValue {
    const value = this.#require('smtpUrl');
    if (readSmtpUrl(value.reveal()) === undefined) throw this.#invalid('smtpUrl', 'must be smtps://USER:PASSWORD@HOST:465 or smtp://USER:PASSWORD@HOST:587, with nothing after the port');
    return value;
  }

  webhookUrl(): SecretValue {
    const value = this.#require('url');
    if (readWebhookUrl(value.reveal()) === undefined) throw this.#invalid('url', 'must be an https address without user, password and fragment');
    return value;
  }

  signingKey(): SecretValue {
    const value = this.#require('signingKey');
    if (value.reveal().length < leastKeyLength) throw this.#invalid('signingKey', `must have at least ${leastKeyLength} characters`);
    return value;
  }

  from(): string {
    const from = readAddress(this.#require('from').reveal());
    if (from === undefined) throw this.#invalid('from', 'must be one e-mail address and nothing else');
    return from;
  }

  /** Whoever sends to approvers needs some; that there are none keeps nobody else from being told. */
  approvers(): readonly string[] {
    const text = this.#read('approvers')?.reveal() ?? '';
    const lines = text.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== '');
    const addresses = lines.map((line) => readAddress(line)).filter((address) => address !== undefined);
    if (addresses.length < lines.length) throw this.#invalid('approvers', 'must be e-mail addresses, one a line');
    if (addresses.length > mostApprovers) throw this.#invalid('approvers', `may have at most ${mostApprovers} addresses`);
    return [...new Set(addresses)];
  }

  #require(key: string): SecretValue {
    const value = this.#read(key);
    if (value === undefined) throw this.#invalid(key, 'is missing or empty');
    return value;
  }

  #invalid(key: string, what: string): Error {
    const { name, secretRef } = this.#channel;
    return terminal('NoticeSecretInvalid', `Channel ${name}: key ${key} of Secret ${secretRef.name} ${what}.`);
  }
}
