import { SecretValue } from '../../operator/api/secret-value.ts';
import { recordAnswer } from '../../operator/controllers/answers/record-answer.ts';
import { readAnswerToken, type AnswerClaim } from '../../operator/notices/links.ts';
import type { Sent } from './people.ts';
import type { World } from './world.ts';

/** With which links of the namespace are signed. */
export const noticeKey = new SecretValue('k'.repeat(43));

type Verdict = AnswerClaim['verdict'];

/** Somebody follows a link that was sent to them, mostly the last one; the page is on a replica whose clock is another one. */
export async function answer(world: World, verdict: Verdict): Promise<boolean> {
  const { dice, sent } = world;
  const asked = sent.filter(({ links }) => links.length > 0);
  const message = dice.chance(0.7) ? dice.maybePick(asked.slice(-4)) : dice.maybePick(asked);
  const token = message === undefined ? undefined : tokenOf(message, verdict);
  return token !== undefined && message !== undefined && (await follow(world, token, message.to));
}

/** A link that nobody was sent: its seal, what it says, or the key that it is signed with is another one. */
export async function forgeAnswer(world: World): Promise<boolean> {
  const { dice, sent, violations } = world;
  const asked = sent.filter(({ links }) => links.length > 0);
  const [mine, other] = [dice.maybePick(asked), dice.maybePick(asked)];
  if (mine === undefined || other === undefined) return false;
  const [payload = '', seal = ''] = (tokenOf(mine, 'Release') ?? '').split('.');
  const [otherPayload = ''] = (tokenOf(other, 'Keep') ?? '').split('.');
  const forged = dice.pick([`${payload}.${flip(seal)}`, `${otherPayload}.${seal}`, `${payload}.${seal.toLowerCase()}x`, `${payload}.`, `${payload}.${'A'.repeat(43)}`]);
  if (await follow(world, forged, mine.to)) violations.add('ForgedAnswer');
  return true;
}

function flip(seal: string): string {
  return `${seal.startsWith('A') ? 'B' : 'A'}${seal.slice(1)}`;
}

function tokenOf({ links: [keep, release] }: Sent, verdict: Verdict): string | undefined {
  return new URL((verdict === 'Keep' ? keep : release) ?? '').searchParams.get('token') ?? undefined;
}

/** Whether it was taken for an answer. */
async function follow(world: World, token: string, from: string): Promise<boolean> {
  const { dice, clock, cluster } = world;
  const claim = readAnswerToken(token, noticeKey, clock.now());
  if (claim === undefined) return false;
  const skew = dice.chance(0.3) ? dice.between(-30_000, 30_000) : 0;
  const isStored = await recordAnswer(claim, undefined, { client: cluster.client('page'), now: () => clock.now() + skew, signal: new AbortController().signal });
  if (isStored) world.answered.push({ candidate: claim.name, uid: claim.uid, verdict: claim.verdict, from, at: clock.now(), order: world.nextOrder() });
  return isStored;
}
