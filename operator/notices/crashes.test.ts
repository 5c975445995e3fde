import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { secretOf, someFacts, startReceiver, type Answer, type Receiver } from '../../test/support/notice-fixtures.ts';
import { headersOf, startSmtpServer, type RunningSmtpServer } from '../../test/support/smtp-server.ts';
import { toFailure } from '../api/errors.ts';
import { notify as notifySchema, type Notify } from '../api/notify.ts';
import type { CandidateMessage } from '../api/removal-candidate-status.ts';
import type { NoticeSender, ResolvedChannel } from './notice.ts';
import { resolveChannel } from './resolve-channel.ts';
import { messagesDue, type DueMessage } from './schedule.ts';
import { createNoticeSender } from './sender.ts';

const uid = '6a8f0a1c-6a55-4d35-9a6f-000000000001';
const signingKey = 'a key that signs messages';
const crash = new Error('the process is gone');

type CrashPoint = 'AfterClaim' | 'AfterSend' | 'Never';

/** What a controller does with a due message, and what is left in status when its process dies on the way. */
class Process {
  readonly #sender: NoticeSender;
  readonly #notify: Notify;
  readonly #channel: ResolvedChannel;
  /** status.messages: what outlives the process. */
  stored: CandidateMessage[] = [];

  constructor(notify: Notify, read: Record<string, string>) {
    this.#notify = notify;
    this.#sender = createNoticeSender({ clock: createFakeClock(), allowedHosts: ['127.0.0.1'] });
    const [channel] = notify.channels ?? [];
    if (channel === undefined) throw new Error('a channel is needed');
    this.#channel = resolveChannel(channel, secretOf(read));
  }

  due(now: number): readonly DueMessage[] {
    return messagesDue({ uid, state: 'AwaitingUser', outcome: undefined, notify: this.#notify, messages: this.stored, isAnswered: false, deadline: undefined, frozenUntil: undefined }, now).due;
  }

  async run(now: number, crashPoint: CrashPoint = 'Never'): Promise<void> {
    for (const { id, kind, audience, channel, attempts } of this.due(now)) {
      const entry = { id, kind, audience, channel: channel.name, time: new Date(now).toISOString(), attempts: attempts + 1 };
      this.#store({ ...entry, state: 'Sending' });
      if (crashPoint === 'AfterClaim') throw crash;
      const failure = await this.#sender.send({ id, kind, audience, facts: someFacts(), template: undefined }, this.#channel, AbortSignal.timeout(20_000)).then(() => undefined, toFailure);
      if (crashPoint === 'AfterSend') throw crash;
      this.#store({ ...entry, ...(failure === undefined ? { state: 'Sent' } : { state: 'Failed', reason: failure.reason }) });
    }
  }

  #store(entry: CandidateMessage): void {
    this.stored = [...this.stored.filter(({ id }) => id !== entry.id), entry];
  }
}

const start = Date.parse('2026-11-24T00:00:00Z');
const aNotify = (type: 'Email' | 'Webhook'): Notify => notifySchema.parse({ channels: [{ name: 'c', type, secretRef: { name: 's' } }] });

describe('C8: each message exactly once, across crashes', () => {
  let receiver: Receiver | undefined;
  let mail: RunningSmtpServer | undefined;
  afterEach(async () => {
    await receiver?.close();
    await mail?.close();
    [receiver, mail] = [undefined, undefined];
  });

  /** A receiver that takes an id once, and what it has told people. */
  async function deduplicating(answers: (number | 'Cut')[] = []): Promise<{ readonly told: string[]; process: Process }> {
    const told: string[] = [];
    receiver = await startReceiver(({ headers }): Answer => {
      const next = answers.shift() ?? 200;
      const id = String(headers['idempotency-key']);
      // Whether it has taken it or not, the answer may be lost.
      if ((next === 200 || next === 'Cut') && !told.includes(id)) told.push(id);
      return next === 'Cut' ? { status: 200, isCut: true } : { status: next };
    });
    return { told, process: new Process(aNotify('Webhook'), { url: receiver.url, signingKey }) };
  }

  it.each(['AfterClaim', 'AfterSend'] as const)('a webhook, when the process dies %s: told once', async (point) => {
    const { told, process } = await deduplicating();
    await expect(process.run(start, point)).rejects.toBe(crash);
    expect(process.stored).toMatchObject([{ state: 'Sending', attempts: 1 }]);
    await process.run(start + 1);
    expect(told).toEqual([`${uid}.Notice.User.c@saaslicense`]);
    expect(process.stored).toMatchObject([{ state: 'Sent', attempts: 2 }]);
    expect(process.due(start + 90 * 86_400_000)).toEqual([]);
  });

  it('a webhook whose acknowledgement is lost, then is away, then answers: told once', async () => {
    const { told, process } = await deduplicating(['Cut', 503, 429]);
    for (const minutes of [0, 5, 15, 35]) await process.run(start + minutes * 60_000);
    expect(told).toEqual([`${uid}.Notice.User.c@saaslicense`]);
    expect(process.stored).toMatchObject([{ state: 'Sent', attempts: 4 }]);
  });

  it.each([['AfterClaim', 1], ['AfterSend', 2]] as const)('a mail, when the process dies %s: every copy has the same Message-ID', async (point, copies) => {
    mail = await startSmtpServer();
    const process = new Process(aNotify('Email'), { smtpUrl: `smtp://127.0.0.1:${mail.port}`, from: 'licences@example.com', approvers: 'boss@example.com' });
    await expect(process.run(start, point)).rejects.toBe(crash);
    await process.run(start + 1);
    expect(mail.taken).toHaveLength(copies);
    expect(new Set(mail.taken.flatMap(({ raw }) => headersOf(raw).get('message-id')))).toEqual(new Set([`<${uid}.Notice.User.c@saaslicense>`]));
    expect(process.due(start + 90 * 86_400_000)).toEqual([]);
  });

  it('L5: a mail that bounces is a notice that was not given', async () => {
    mail = await startSmtpServer({ unknown: ['ada@example.com'] });
    const process = new Process(aNotify('Email'), { smtpUrl: `smtp://127.0.0.1:${mail.port}`, from: 'licences@example.com', approvers: 'boss@example.com' });
    await process.run(start);
    expect(process.stored).toMatchObject([{ state: 'Failed', reason: 'NoticeRefused' }]);
  });
});
