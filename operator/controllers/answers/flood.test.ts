import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aCandidate, answerKey, answerNow, createAnswerWorld, type AnswerWorld } from '../../../test/support/answer-fixtures.ts';
import { SecretValue } from '../../api/secret-value.ts';
import { makeAnswerToken, type AnswerClaim } from '../../notices/links.ts';
import { startRedirectServer, type RedirectServer } from '../authorization/redirect-server.ts';

const subject = { namespace: 'team-a', name: 'pagerduty-pabc123', uid: aCandidate().metadata.uid ?? '', round: 1 };
const claim: AnswerClaim = { ...subject, verdict: 'Keep', expiresAt: answerNow + 86_400_000 };
const tokenOf = (more: Partial<AnswerClaim> = {}, key = answerKey): string => makeAnswerToken({ ...claim, ...more }, new SecretValue(key));

let world: AnswerWorld;
let server: RedirectServer;
beforeEach(async () => {
  world = createAnswerWorld();
  server = await startRedirectServer(world.options());
});
afterEach(async () => server.close());

const statusOf = async (response: Response): Promise<number> => {
  await response.text();
  return response.status;
};
const open = async (token: string): Promise<number> => statusOf(await fetch(`${server.url}/reclaim/answer?token=${token}`));
const post = async (token: string): Promise<number> => statusOf(await fetch(`${server.url}/reclaim/answer`, { method: 'POST', body: new URLSearchParams({ token }) }));
const answer = () => world.candidate?.status?.answer;

/** Silence counts as a yes: each answer that is refused for somebody else’s flood costs a person their account. */
describe('guard 12: an answer that is genuine is taken', () => {
  const forged = (): string => tokenOf({}, 'j'.repeat(43));
  const many = async (count: number, request: () => Promise<number>): Promise<number[]> => Promise.all(Array.from({ length: count }, request));
  const keyReads = (): number => world.asked.filter((each) => each.startsWith('get Secret')).length;
  const become = (uid: string, namespace = 'team-a'): void => {
    const candidate = aCandidate();
    world.candidate = { ...candidate, metadata: { ...candidate.metadata, uid, namespace } };
  };

  it('while somebody who knows the candidate’s uid sends forty forged ones a second: 30 of 30, and the forgeries cost the API server one read of the key in five seconds', async () => {
    const forgeries: number[] = [];
    const genuine: number[] = [];
    for (let second = 0; second < 30; second += 1) {
      forgeries.push(...(await many(20, async () => open(forged()))), ...(await many(20, async () => post(forged()))));
      become(subject.uid);
      genuine.push(await post(tokenOf()));
      expect(answer()?.verdict).toBe('Keep');
      await world.clock.advance(1000);
    }
    expect(genuine).toEqual(Array.from({ length: 30 }, () => 200));
    expect(forgeries).toEqual(Array.from({ length: 1200 }, () => 410));
    expect(keyReads()).toBe(6);
  });

  it('while somebody floods with a genuine link of their own: the others’ are taken, 30 of 30', async () => {
    const genuine: number[] = [];
    for (let second = 0; second < 30; second += 1) {
      become(subject.uid);
      await many(40, async () => open(tokenOf()));
      become('another');
      genuine.push(await post(tokenOf({ uid: 'another' })));
      await world.clock.advance(1000);
    }
    expect(genuine).toEqual(Array.from({ length: 30 }, () => 200));
  });

  it('while all of another namespace flood with genuine links', async () => {
    for (let person = 0; person < 30; person += 1) {
      become(`person-${person}`);
      await many(5, async () => open(tokenOf({ uid: `person-${person}` })));
    }
    expect(await open(tokenOf({ uid: 'person-29' }))).toBe(429);
    become('another', 'team-b');
    expect(await post(tokenOf({ uid: 'another', namespace: 'team-b' }))).toBe(200);
  });

  it('though the key cannot be read for a moment: forgeries ask for it no more than once a second', async () => {
    world.key = 'short';
    expect(new Set(await many(40, async () => open(forged())))).toEqual(new Set([503]));
    expect(keyReads()).toBe(1);
    world.key = answerKey;
    await world.clock.advance(1000);
    expect(await post(tokenOf())).toBe(200);
  });

  it('with a key that was made a moment ago; with one that was deleted, no longer than five seconds', async () => {
    world.key = undefined;
    expect(await open(tokenOf())).toBe(410);
    world.key = answerKey;
    await world.clock.advance(5000);
    expect(await open(tokenOf())).toBe(200);
    world.key = undefined;
    await world.clock.advance(5000);
    expect(await open(tokenOf())).toBe(410);
  });

  it('guard 11: on a replica whose clock is 800 days ahead, and is written down by the API server’s', async () => {
    world.clock.jump(800 * 86_400_000);
    world.skewMs = 800 * 86_400_000;
    expect(await post(tokenOf())).toBe(200);
    expect(answer()).toEqual({ verdict: 'Keep', at: '2026-11-24T00:00:00.000Z', via: 'Link', round: 1 });
  });

  it('while somebody holds four hundred connections open and says nothing, or not all of it', async () => {
    const { port, hostname } = new URL(server.url);
    const begun = 'POST /reclaim/answer HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\ntoken=';
    const idlers = Array.from({ length: 400 }, (_, at) => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      if (at % 2 === 0) socket.write(begun);
      return socket;
    });
    await Promise.all(idlers.map(async (socket) => new Promise((resolve) => void socket.once('connect', resolve))));
    const genuine: number[] = [];
    for (let times = 0; times < 30; times += 1) {
      become(subject.uid);
      genuine.push(await post(tokenOf()).catch(() => 0));
      await world.clock.advance(1000);
    }
    for (const socket of idlers) socket.destroy();
    expect(genuine).toEqual(Array.from({ length: 30 }, () => 200));
  });
});
