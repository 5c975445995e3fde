import type { Transport, VendorCall, VendorReply } from '../../operator/providers/pagerduty/transport.ts';
import { spellings } from './spell-secret.ts';

/** Statuses of a refusal, a fault and a redirect. */
export const echoStatuses = [302, 400, 401, 403, 404, 409, 422, 429, 500] as const;

/** Fields of a form that are no secret. */
const openFields = new Set(['grant_type', 'client_id', 'redirect_uri', 'scope']);

/** The secrets that a call carries, as the other side can read them. */
export function secretsOf({ headers, form = {} }: VendorCall): string[] {
  const token = headers['authorization']?.replace(/^(Bearer |Token token=)/, '') ?? '';
  return [token, ...Object.entries(form).flatMap(([name, value]) => (openFields.has(name) ? [] : [value]))].filter((secret) => secret !== '');
}

/** Where an answer repeats texts, by name. */
export const places = {
  'error.message': (texts) => json({ error: { code: 2001, message: texts.join(' | ') } }),
  'error.errors[]': (texts) => json({ error: { code: 2001, message: 'Invalid Input Provided', errors: texts } }),
  'errors by field': (texts) => json({ errors: Object.fromEntries(texts.map((text, at) => [`field${at}`, [text]])), message: texts[0] }),
  'names of fields': (texts) => json({ error: Object.fromEntries(texts.map((text) => [text, text])) }),
  'error_description': (texts) => json({ error: 'invalid_request', error_description: texts.join(' | ') }),
  'scopes': (texts) => json({ error: { message: 'missing required scopes', required_scopes: texts.map((text) => `${text}.read`), token_scopes: texts.join(' ') } }),
  'pieces of a list': (texts) => json({ error: { errors: texts.flatMap((text) => text.match(/.{1,5}/gs) ?? []).slice(0, 20) } }),
  'plain text': (texts) => ({ headers: { 'content-type': 'text/plain' }, body: texts.join('\n') }),
  'HTML': (texts) => ({ headers: { 'content-type': 'text/html' }, body: `<html><pre>${texts.join('</pre><pre>')}</pre></html>` }),
  'headers': (texts) => ({
    headers: Object.fromEntries(['x-request-id', 'www-authenticate', 'set-cookie', 'retry-after', 'ratelimit-remaining', 'ratelimit-reset', 'ratelimit-limit', 'link', 'via'].map((name, at) => [name, oneLine(texts[at % texts.length] ?? '')])),
    body: '{"error":{"code":2001,"message":"no"}}',
  }),
  'Location': (texts) => ({ headers: { location: `https://elsewhere.example/?${texts.map((text) => oneLine(text)).join('&')}` }, body: '' }),
} satisfies Readonly<Record<string, (texts: readonly string[]) => Pick<VendorReply, 'headers' | 'body'>>>;
export type Place = keyof typeof places;

function json(value: unknown): Pick<VendorReply, 'headers' | 'body'> {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

export interface Echo {
  readonly status: number;
  readonly place: Place;
  /** Names of spellings; all unless told. */
  readonly spelled?: readonly string[];
}

/** The answer of a vendor that repeats the secrets of a call. */
export function echo(call: VendorCall, { status, place, spelled = Object.keys(spellings) }: Echo): VendorReply {
  const texts = secretsOf(call).flatMap((secret) => spelled.map((name) => spellings[name]?.(secret) ?? ''));
  // As many as are read of a list, and none longer than what is read of a text.
  const size = Math.ceil(texts.length / 20);
  const lines = Array.from({ length: Math.ceil(texts.length / size) }, (_, at) => texts.slice(at * size, (at + 1) * size).join(' | '));
  return { kind: 'Reply', status, ...places[place](lines) };
}

/** The same way to a vendor, whose answers to some calls repeat the secrets of the call. */
export function echoing(transport: Transport, choose: (call: VendorCall) => Echo | undefined): Transport {
  return async (call) => {
    const chosen = choose(call);
    return chosen === undefined ? transport(call) : echo(call, chosen);
  };
}
