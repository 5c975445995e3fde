import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import type { Credential } from '../auth/credentials.ts';
import type { IdentityAnswer, IdentityRequest } from '../auth/identity.ts';
import { findIdentityRoute, withoutSecrets } from '../auth/identity-routes.ts';
import type { Core } from '../core.ts';
import type { Fault, FaultRule } from '../faults/rules.ts';
import { cut, pause, send } from '../faults/transport.ts';
import { findRoute } from '../routes/table.ts';
import { answer } from './answer.ts';
import type { ApiError, Reply } from './replies.ts';
import { errorVariant, html } from './replies.ts';

/** One request to PagerDuty's surface. */
interface Incoming {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Decision {
  /** Undefined = the connection is cut without an answer. */
  readonly reply: Reply | undefined;
  readonly credentialId: string | undefined;
  readonly grantType?: string;
}

/** Answers one request: fault, authentication, rate limit, scope, handler; then the journal; then the wire. */
export async function serve(core: Core, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const incoming: Incoming = {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', 'http://simulator.invalid'),
    headers: request.headers,
    body: await readBody(request),
  };
  const rule = core.faults.next({ method: incoming.method, path: incoming.url.pathname, query: incoming.url.searchParams });
  if (rule?.delayMs !== undefined) await pause(rule.delayMs, core.stop);
  const decision = decide(core, incoming, rule?.fault);
  record(core, incoming, decision, rule);
  if (decision.reply === undefined) cut(response);
  else await send(response, withRequestId(decision.reply), rule?.fault, core.stop);
}

const BODY_LIMIT = 1_048_576;

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= BODY_LIMIT) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function record(core: Core, { method, url }: Incoming, decision: Decision, rule: FaultRule | undefined): void {
  core.journal.add({
    method,
    path: url.pathname,
    route: routeOf(method, url.pathname),
    query: withoutSecrets(url.pathname, url.searchParams),
    status: isResetBeforeHeaders(rule?.fault) ? 0 : (decision.reply?.status ?? 0),
    credentialId: decision.credentialId,
    ...(decision.grantType === undefined ? {} : { grantType: decision.grantType }),
    time: core.clock.now(),
    fault: rule === undefined ? undefined : (rule.fault?.kind ?? 'delay'),
  });
}

function routeOf(method: string, path: string): string {
  return findRoute(method, path)?.route.pattern ?? path;
}

function isResetBeforeHeaders(fault: Fault | undefined): boolean {
  return fault?.kind === 'reset' && fault.when !== 'after-headers';
}

function withRequestId(reply: Reply): Reply {
  return { ...reply, headers: { 'x-request-id': randomUUID(), ...reply.headers } };
}

function decide(core: Core, incoming: Incoming, fault: Fault | undefined): Decision {
  const identify = findIdentityRoute(incoming.method, incoming.url.pathname);
  if (identify !== undefined) return decideIdentity(incoming, fault, (request) => identify(request, core.identity), core.clock.now());
  const who = core.credentials.resolve(incoming.headers.authorization, core.clock.now());
  const credentialId = 'status' in who ? undefined : who.id;
  const early = earlyFault(fault);
  if (early !== undefined) return { reply: early === 'cut' ? undefined : early, credentialId };
  return { reply: spoil(answerAs(core, who, incoming, fault), fault), credentialId };
}

function decideIdentity(incoming: Incoming, fault: Fault | undefined, identify: (request: IdentityRequest) => IdentityAnswer, now: number): Decision {
  const early = earlyFault(fault);
  if (early !== undefined) return { reply: early === 'cut' ? undefined : early, credentialId: undefined };
  const { url, body, headers } = incoming;
  const answered = identify({ url, body, contentType: headers['content-type'], origin: `http://${headers.host ?? url.host}`, now });
  return { ...answered, reply: spoil(answered.reply, fault) };
}

function answerAs(core: Core, who: Credential | Reply, { method, url, body, headers }: Incoming, fault: Fault | undefined): Reply {
  if ('status' in who) return who;
  const { from } = headers;
  return answer({ ...core, account: who.account }, { match: findRoute(method, url.pathname), who, url, method, body, from, fault });
}

/** A fault in front of the application: the request is not carried out. */
function earlyFault(fault: Fault | undefined): Reply | 'cut' | undefined {
  if (fault?.kind === 'status') return failed(fault);
  return fault?.kind === 'reset' && fault.when === 'before-processing' ? 'cut' : undefined;
}

/** Faults that put something else in the answer's place, once the request was carried out. */
function spoil(reply: Reply, fault: Fault | undefined): Reply {
  if (fault?.kind === 'html') return html(fault.status ?? 200);
  return fault?.kind === 'empty' ? { status: fault.status ?? 200, body: { kind: 'none' } } : reply;
}

const USUAL: Readonly<Record<number, Omit<ApiError, 'status'>>> = {
  400: { code: 2001, message: 'Invalid Input Provided' },
  401: { code: 2006, message: 'Authentication failed' },
  402: { code: 2014, message: 'Missing Account Ability' },
  403: { code: 2010, message: 'Access Denied' },
  404: { code: 2100, message: 'Not Found' },
  408: { code: 2016, message: 'Request Timeout' },
  429: { code: 2020, message: 'Rate Limit Exceeded' },
};

function failed(fault: Extract<Fault, { kind: 'status' }>): Reply {
  const usual = USUAL[fault.status] ?? { code: fault.status, message: 'Internal Server Error' };
  const reply = errorVariant(fault.body ?? 'normal', { status: fault.status, ...usual });
  return fault.headers === undefined ? reply : { ...reply, headers: fault.headers };
}
