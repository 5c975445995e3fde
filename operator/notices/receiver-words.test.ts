import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { startEchoMailServer, mailStages } from '../../test/support/echo-mail-server.ts';
import { places, type Place } from '../../test/support/echo-vendor.ts';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { secretOf, someChannel, someFacts, someMessage, startReceiver, type Answer } from '../../test/support/notice-fixtures.ts';
import { findShown, spellings } from '../../test/support/spell-secret.ts';
import type { ChannelType } from '../api/notify.ts';
import { createLogger } from '../telemetry/logger.ts';
import { resolveChannel } from './resolve-channel.ts';
import { createNoticeSender } from './sender.ts';

const planted = {
  user: 'mailer-Qz81@mail.example',
  password: 'p@ss w/"9Kq+zR27&mL<5',
  path: '/services/T0AQ9/B7ZK2/Xw9Kq-zR27mLw5TtYb0cNe',
  signingKey: 'whk_6GhJ4a+SdFg/PoIuQ8',
  link: 'ey9Kq.zR27mLw5TtYb0cNe6GhJ4a',
} as const;
const secrets = Object.values(planted);
const spelled = secrets.flatMap((secret) => Object.values(spellings).map((spell) => spell(secret)));

type Close = () => Promise<void>;
const open: Close[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (close) => close()));
});

/** Sends a message with a link in it; gives all that the failure shows, and what is logged of it. */
async function send(type: ChannelType, keys: Readonly<Record<string, string>>): Promise<{ readonly error: unknown; readonly shown: string }> {
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', now: () => 0, destination: { write: (line) => lines.push(line) } });
  const sender = createNoticeSender({ clock: createFakeClock(), allowedHosts: ['127.0.0.1'] });
  const channel = resolveChannel(someChannel({ name: 'room', type }), secretOf({ from: 'licences@example.com', signingKey: planted.signingKey, ...keys }));
  const message = someMessage({ facts: someFacts({ keepUrl: `https://licenses.example.com/reclaim/answer?token=${planted.link}` }) });
  const error = await sender.send(message, channel, AbortSignal.timeout(20_000)).then(() => undefined, (thrown: unknown) => thrown);
  logger.debug({ err: error, error, channel }, 'Sent');
  const stack = error instanceof Error ? `${error.message} ${error.stack ?? ''}` : '';
  return { error, shown: [inspect([error, channel], { depth: 20, showHidden: true, maxStringLength: null }), JSON.stringify([error, channel]), stack, ...lines].join('\n') };
}

type Case = readonly [name: string, type: ChannelType, keys: () => Promise<Readonly<Record<string, string>>>];

const statuses = [301, 302, 307, 308, 400, 401, 403, 404, 409, 422, 429, 500, 503];

function post(path = planted.path): (answer: Answer) => Promise<Readonly<Record<string, string>>> {
  return async (answer) => {
    const receiver = await startReceiver(() => answer);
    open.push(async () => receiver.close());
    return { url: receiver.url + path };
  };
}

const overHttp = (type: ChannelType): Case[] =>
  statuses.flatMap((status) =>
    (Object.keys(places) as Place[]).map((place): Case => {
      const { headers, body } = places[place](spelled);
      return [`${type}, ${status} with ${place}`, type, async () => post()({ status, headers: clean(headers), body })];
    }),
  );

/** Node sends no header with a character beyond Latin-1 or a control character in it, nor very many. */
function clean(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value).replaceAll(/[^\x20-\xff]/g, '').slice(0, 1500)]));
}

/** Every type of channel: a new one does not compile until it is here. */
const channels: Readonly<Record<ChannelType, readonly Case[]>> = {
  Slack: overHttp('Slack'),
  Webhook: overHttp('Webhook'),
  Email: mailStages.flatMap((stage) =>
    [421, 450, 454, 535, 550, 554].map((code): Case => [
      `Email, ${code} to ${stage}`,
      'Email',
      async () => {
        const server = await startEchoMailServer({ stage, code, texts: spelled });
        open.push(async () => server.close());
        return { smtpUrl: `smtp://${encodeURIComponent(planted.user)}:${encodeURIComponent(planted.password)}@127.0.0.1:${server.port}` };
      },
    ]),
  ),
};

describe('guard 7: a receiver that repeats what it was sent', () => {
  it.each(Object.values(channels).flat())('%s: nothing secret, no address and no host is in the failure or a debug line', async (_name, type, keys) => {
    const { error, shown } = await send(type, await keys());
    expect(error).toMatchObject({ failure: { reason: expect.stringMatching(/^Notice[A-Z]/) as unknown } });
    expect(findShown(shown, secrets)).toEqual([]);
    expect(shown).not.toMatch(/ada@example|127\.0\.0\.1/);
  });

  it.each([301, 302, 303, 307, 308])('a redirect of %i leads nobody to another host', async (status) => {
    const other = await startReceiver(() => ({ status: 200 }));
    open.push(async () => other.close());
    for (const type of ['Slack', 'Webhook'] as const) {
      const { error } = await send(type, await post()({ status, headers: { location: `${other.url}/?next` } }));
      expect(error).toMatchObject({ failure: { kind: 'Terminal', reason: 'NoticeRefused' } });
    }
    expect(other.received).toEqual([]);
  });
});
