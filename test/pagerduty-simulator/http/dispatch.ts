import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import type { Credential } from '../auth/credentials.ts';
import type { IdentityAnswer, IdentityRequest } from '../auth/identity.ts';
import { findIdentityRoute, withoutSecrets } from '../auth/identity-routes.ts';
import type { Core } from '../core.ts';
import type { Fault, FaultRule } from '../faults/rules.ts';
import { cut, pause, send } from '../faults/transport.ts';
import type { RouteMatch } from '../routes/table.ts';
import { findRoute } from '../routes/table.ts';
import { answer } from './answer.ts';
import { outcomeOf, personOf } from './outcome.ts';
import type { ApiError, Reply } from './replies.ts';
import { errorVariant, html } from './replies.ts';

/** One request to PagerDuty's surface. */
interface Incoming {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly match: RouteMatch | undefined;
  /** Another change of users is under way. */
  readonly locked: boolean;
}

interface Decision {
  /** Undefined = the connection is cut without an answer. */
  readonly reply: Reply | undefined;
  readonly credentialId: string | undefined;
  readonly grantType?: string;
  /** What the application answered, before faults got at it; undefined = it was never asked. */
  readonly answered?: Reply | undefined;
}

/** A request as it came in, whatever carried it. */
export interface Carried extends Pick<Incoming, 'method' | 'url' | 'headers'> {
  readonly readBody: () => Promise<string>;
}

/** Carries the answer back; an undefined one = the connection is cut. */
type CarryBack<T> = (reply: Reply | undefined, fault: Fault | undefined) => T | Promise<T>;

/** Answers one request over a connection. */
export async function serve(core: Core, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://simulator.invalid');
  const carried: Carried = { method: request.method ?? 'GET', url, headers: request.headers, readBody: () => readBody(request) };
  await dispatch(core, carried, async (reply, fault) => {
    if (reply === undefined) cut(response);
    else await send(response, reply, fault, core.stop);
  });
}

/** Answers one request: fault, authentication, rate limit, scope, handler; then the journal; then whatever carries the answer. */
export async function dispatch<T>(core: Core, request: Carried, carryBack: CarryBack<T>): Promise<T> {
  const { method, url, headers } = request;
  const match = findRoute(method, url.pathname);
  const lock = match?.route.userWrite === true ? core.lock.take() : undefined;
  try {
    const incoming: Incoming = { method, url, headers, body: await request.readBody(), match, locked: lock?.refused === true };
    const rule = core.faults.next({ method, path: url.pathname, query: url.searchParams });
    if (rule?.delayMs !== undefined) await pause(rule.delayMs, core.stop);
    const decision = decide(core, incoming, rule?.fault);
    record(core, incoming, decision, rule);
    return await carryBack(decision.reply === undefined ? undefined : withRequestId(decision.reply), rule?.fault);
  } finally {
    lock?.release();
  }
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

function record(core: Core, { method, url, match }: Incoming, decision: Decision, rule: FaultRule | undefined): void {
  core.journal.add({
    method,
    path: url.pathname,
    route: match?.route.pattern ?? url.pathname,
    query: withoutSecrets(url.pathname, url.searchParams),
    status: isResetBeforeHeaders(rule?.fault) ? 0 : (decision.reply?.status ?? 0),
    credentialId: decision.credentialId,
    ...(decision.grantType === undefined ? {} : { grantType: decision.grantType }),
    ...personOf(match, url.searchParams, decision.answered),
    ...outcomeOf(method, decision.answered),
    time: core.clock.now(),
    fault: nameFault(rule),
  });
}

function nameFault(rule: FaultRule | undefined): string | undefined {
  return rule === undefined ? undefined : (rule.fault?.kind ?? 'delay');
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
  const answered = answerAs(core, who, incoming, fault);
  return { reply: spoil(answered, fault), credentialId, answered };
}

function decideIdentity(incoming: Incoming, fault: Fault | undefined, identify: (request: IdentityRequest) => IdentityAnswer, now: number): Decision {
  const early = earlyFault(fault);
  if (early !== undefined) return { reply: early === 'cut' ? undefined : early, credentialId: undefined };
  const { url, body, headers } = incoming;
  const answered = identify({ url, body, contentType: headers['content-type'], origin: `http://${headers.host ?? url.host}`, now });
  return { ...answered, reply: spoil(answered.reply, fault), answered: answered.reply };
}

function answerAs(core: Core, who: Credential | Reply, { method, url, body, headers, match, locked }: Incoming, fault: Fault | undefined): Reply {
  if ('status' in who) return who;
  const { from } = headers;
  return answer({ ...core, account: who.account }, { match, who, url, method, body, from, locked, fault });
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
