import { SecretValue } from '../../api/secret-value.ts';
import type { Striker } from '../../api/strike-secrets.ts';
import type { Transport, VendorCall, VendorReply } from './transport.ts';

/** A refusal that is longer is a page of a proxy: nothing is read from it. */
const longestRefusal = 16 * 1024;
/** Fields of a token reply that are secrets themselves. */
const issued: readonly string[] = ['access_token', 'refresh_token'];

/**
 * Returns the same transport with every secret of the request struck from its answer: from headers, from refusals, and from facts that hold
 * one (guard 7). All that the vendor says comes in through here, so no code behind it can store, log or show a secret of the request.
 */
export function strikeReplies(transport: Transport): Transport {
  return async (call) => {
    const reply = await transport(call);
    return reply.kind === 'Fault' ? reply : { ...reply, headers: strikeHeaders(reply.headers, call.striker), body: strikeBody(reply, call) };
  };
}

function strikeHeaders(headers: VendorReply['headers'], striker: Striker): VendorReply['headers'] {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, strikeHeader(value, striker)]));
}

function strikeHeader(value: string | string[] | undefined, { strike }: Striker): string | string[] | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? strike(value) : value.map(strike);
}

function strikeBody({ status, body }: VendorReply, { striker, issuesTokens }: VendorCall): string {
  if (status < 200 || status >= 300) return body.length > longestRefusal ? '' : strikeText(body, striker);
  if (issuesTokens === true) return strikeIssued(body, striker);
  return striker.holds(body) ? strikeText(body, striker) : body;
}

/** JSON string by string, so that no escape hides a secret. Returns nothing where a secret is spread over several strings. */
function strikeText(body: string, { strike, strikeJson }: Striker): string {
  const json = parse(body);
  if (json === undefined) return strike(body);
  const clean = strikeJson(json);
  const all = stringsOf(clean).join('');
  return strike(all) === all ? JSON.stringify(clean) : '';
}

/** A token reply: the tokens stay, and are struck with the others from what stands beside them, such as the scope that status shows. */
function strikeIssued(body: string, striker: Striker): string {
  const json = parse(body);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return '';
  const fields: readonly (readonly [string, unknown])[] = Object.entries(json);
  const tokens = fields.flatMap(([name, value]) => (issued.includes(name) && typeof value === 'string' ? [new SecretValue(value)] : []));
  const all = striker.and(tokens);
  return JSON.stringify(Object.fromEntries(fields.map(([name, value]) => [name, issued.includes(name) ? value : strikeBeside(name, value, all)])));
}

/** An ID token is encoded, and begins as other tokens do: only a whole secret in it counts, and then nothing is read from it. */
function strikeBeside(name: string, value: unknown, { strikeJson, holds }: Striker): unknown {
  if (name !== 'id_token') return strikeJson(value);
  return typeof value === 'string' && !holds(value) ? value : undefined;
}

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

function parse(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return undefined;
  }
}
