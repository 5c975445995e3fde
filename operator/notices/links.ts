import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { objectNamePattern } from '../api/meta.ts';
import type { SecretValue } from '../api/secret-value.ts';
import { hostOf, isHost } from './allowed-hosts.ts';

/** Path of the page, below that of --public-url. */
export const answerPath = '/reclaim/answer';

/** The candidate that a link answers for: this one, and no other that is given its name later. */
export interface AnswerSubject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Round of the notice (status.round): a link of a former round, which may have gone to another address, answers nothing in a later one. */
  readonly round: number;
}

/** What a link says. */
export interface AnswerClaim extends AnswerSubject {
  readonly verdict: 'Keep' | 'Release';
  /** Milliseconds since the epoch, whole seconds. */
  readonly expiresAt: number;
}

export interface AnswerUrls {
  readonly keepUrl: string;
  readonly releaseUrl: string;
}

/** A token is longer only if somebody made it up. */
const longestToken = 2048;
const tokenPattern = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;
/** So that no other use of the key, should there ever be one, makes a token. */
const purpose = 'saaslicense.dev/answer/v1\n';

const claimSchema = z.tuple([
  z.string().max(63).regex(objectNamePattern),
  z.string().max(253).regex(objectNamePattern),
  z.string().min(1).max(64),
  z.int().min(1).max(1_000_000),
  z.enum(['Keep', 'Release']),
  z.int().min(0).max(253_402_300_799),
]);

/**
 * The two links with which a person answers for themself: whoever has one may give its answer, once, until it expires. Their token is
 * the claim and its HMAC-SHA256, both base64url.
 * @param publicUrl as `checkPublicUrl` takes it.
 * @param expiresAt milliseconds since the epoch; not before the deadline. A link that outlives it does nothing more.
 */
export function makeAnswerUrls({ publicUrl, candidate, expiresAt, key }: { publicUrl: string; candidate: AnswerSubject; expiresAt: number; key: SecretValue }): AnswerUrls {
  const urlOf = (verdict: AnswerClaim['verdict']): string => `${publicUrl.replace(/\/+$/, '')}${answerPath}?token=${makeAnswerToken({ ...candidate, verdict, expiresAt }, key)}`;
  return { keepUrl: urlOf('Keep'), releaseUrl: urlOf('Release') };
}

export function makeAnswerToken({ namespace, name, uid, round, verdict, expiresAt }: AnswerClaim, key: SecretValue): string {
  const payload = Buffer.from(JSON.stringify([namespace, name, uid, round, verdict, Math.floor(expiresAt / 1000)]), 'utf8').toString('base64url');
  return `${payload}.${seal(payload, key).toString('base64url')}`;
}

/** What a token claims, unproven: enough to find the key with which to prove it. Undefined when nothing of ours looks like that. */
export function peekAnswerToken(token: string): AnswerClaim | undefined {
  const [, payload] = token.length > longestToken ? [] : (tokenPattern.exec(token) ?? []);
  return payload === undefined ? undefined : readClaim(payload);
}

/** The proven claim of a token that has not expired; undefined for any other. Takes the same time however near a forgery comes. */
export function readAnswerToken(token: string, key: SecretValue, now: number): AnswerClaim | undefined {
  const [, payload, mac] = token.length > longestToken ? [] : (tokenPattern.exec(token) ?? []);
  if (payload === undefined || mac === undefined) return undefined;
  const given = Buffer.from(mac, 'base64url');
  // The last digit of base64 has bits to spare: one claim has one token.
  if (given.length !== 32 || given.toString('base64url') !== mac || !timingSafeEqual(given, seal(payload, key))) return undefined;
  const claim = readClaim(payload);
  return claim === undefined || claim.expiresAt <= now ? undefined : claim;
}

function seal(payload: string, key: SecretValue): Buffer {
  return createHmac('sha256', key.reveal()).update(purpose).update(payload).digest();
}

function readClaim(payload: string): AnswerClaim | undefined {
  const parsed = claimSchema.safeParse(readJson(Buffer.from(payload, 'base64url').toString('utf8')));
  if (!parsed.success) return undefined;
  const [namespace, name, uid, round, verdict, seconds] = parsed.data;
  return { namespace, name, uid, round, verdict, expiresAt: seconds * 1000 };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is wrong with an address under which people reach the operator; undefined when nothing is. */
export function checkPublicUrl(text: string): string | undefined {
  const url = URL.parse(text);
  const isLoopback = url !== null && ['localhost', '127.0.0.1', '::1'].includes(hostOf(url));
  const isWeb = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) && isHost(hostOf(url));
  const isPlain = /^https?:\/\/[A-Za-z0-9.:[\]-]+(\/[A-Za-z0-9._~-]+){0,14}\/?$/.test(text);
  return isWeb && isPlain ? undefined : 'must be an https address without user, query and fragment, such as https://licenses.example.com';
}
