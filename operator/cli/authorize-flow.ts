import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../api/clock.ts';
import { connectionAliasResource, loopbackRedirectPattern, type ConnectionAlias } from '../api/connection-alias.ts';
import { terminal } from '../api/errors.ts';
import { annotations } from '../api/group.ts';
import { redirectSecretName } from '../controllers/authorization/names.ts';
import { pageHeaders, renderPage, type PageKind } from '../controllers/authorization/pages.ts';
import { readRequest } from '../controllers/authorization/redirect-request.ts';
import type { Redirect } from '../controllers/authorization/record.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { coreResources } from '../kubernetes/core-resources.ts';
import { explainSilence, readOutcome, stateOf, type AuthorizeOutcome } from './authorize-outcome.ts';

export interface AuthorizeFlow {
  readonly client: Pick<KubernetesClient, 'get' | 'mergePatch'>;
  readonly clock: Clock;
  readonly namespace: string;
  readonly alias: string;
  readonly redirectUrl: string | undefined;
  /** Any word that was not used before. */
  readonly word: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told of the address to open. */
  readonly onUrl: (url: string) => void;
}

const fieldManager = 'saaslicense-authorize';
const pollMs = 250;
/** The operator shows the URL within a second; longer than this and something else is wrong. */
const urlWithinMs = 30_000;
/** The operator exchanges at once; the vendor may take its time. */
const outcomeWithinMs = 60_000;

export type FlowResult = AuthorizeOutcome | { readonly kind: 'TimedOut' };

/**
 * One consent through a loopback redirect (S59–S63): asks the operator for a URL that leads here, takes the redirect, hands
 * it in through the Secret `<alias>-redirect`, and waits for what becomes of it. Code and state are all that this machine
 * ever sees. Throws Terminal failures that say what to do.
 */
export async function authorize(flow: AuthorizeFlow): Promise<FlowResult> {
  const alias = await readAlias(flow);
  const redirectUrl = chooseRedirectUrl(alias, flow.redirectUrl);
  const receiver = await startReceiver(redirectUrl);
  try {
    await askForUrl(flow, `${redirectUrl} ${flow.word}`);
    const url = await waitForUrl(flow, redirectUrl, alias.status?.authorization?.url);
    flow.onUrl(url);
    return await followConsent(flow, receiver, { state: stateOf(url) ?? '', authorizedAt: alias.status?.authorization?.authorizedAt });
  } finally {
    receiver.close();
    await askForUrl(flow, null).catch(() => undefined);
  }
}

async function readAlias({ client, namespace, alias: name, signal }: AuthorizeFlow): Promise<ConnectionAlias> {
  const alias = await client.get<ConnectionAlias>(connectionAliasResource, { namespace, name }, { signal });
  if (alias === undefined) throw terminal('AliasGone', `There is no ConnectionAlias ${name} in namespace ${namespace}.`);
  return alias;
}

function chooseRedirectUrl({ spec, metadata }: ConnectionAlias, given: string | undefined): string {
  const own = spec.oauth?.redirectURL;
  const url = given ?? (own !== undefined && loopbackRedirectPattern.test(own) ? own : undefined);
  if (url !== undefined) return url;
  throw terminal(
    'RedirectURIMismatch',
    `ConnectionAlias ${metadata.name} has no loopback redirect URL: register one such as http://127.0.0.1:8765/oauth_redirect.do with the app, and give it with --redirect-url.`,
  );
}

async function askForUrl({ client, namespace, alias: name }: AuthorizeFlow, request: string | null): Promise<void> {
  const patch = { metadata: { annotations: { [annotations.authorizeRedirect]: request } } };
  await client.mergePatch(connectionAliasResource, { namespace, name }, patch, { fieldManager });
}

async function waitForUrl(flow: AuthorizeFlow, redirectUrl: string, old: string | undefined): Promise<string> {
  const end = flow.clock.now() + urlWithinMs;
  for (;;) {
    const alias = await readAlias(flow);
    const url = alias.status?.authorization?.url;
    if (url !== undefined && url !== old && URL.parse(url)?.searchParams.get('redirect_uri') === redirectUrl) return url;
    if (flow.clock.now() >= end) throw terminal('NotAwaitingConsent', explainSilence(alias));
    await flow.clock.sleep(pollMs, flow.signal);
  }
}

interface Attempt {
  readonly state: string;
  readonly authorizedAt: string | undefined;
}

async function followConsent(flow: AuthorizeFlow, receiver: Receiver, attempt: Attempt): Promise<FlowResult> {
  const { redirect, show } = await receiver.next(attempt.state, AbortSignal.any([flow.signal, AbortSignal.timeout(flow.timeoutMs)])).catch((error: unknown) => {
    if (flow.signal.aborted) throw error;
    return { redirect: undefined, show: undefined };
  });
  if (redirect === undefined) return { kind: 'TimedOut' };
  try {
    await handIn(flow, { ...redirect, state: attempt.state });
    const outcome = await waitForOutcome(flow, attempt);
    show(outcome.kind === 'TimedOut' ? 'Checking' : outcome.kind, flow);
    return outcome;
  } catch (error) {
    show('NotStored', flow);
    throw error;
  }
}

/** The operator watches that Secret and exchanges at once: the code lives 30 seconds. */
async function handIn({ client, namespace, alias }: AuthorizeFlow, { state, code, error }: Redirect): Promise<void> {
  const encode = (text: string | undefined): string | null => (text === undefined ? null : Buffer.from(text, 'utf8').toString('base64'));
  const data = { state: encode(state), code: encode(code?.reveal()), error: encode(error) };
  await client.mergePatch(coreResources.Secret, { namespace, name: redirectSecretName(alias) }, { data }, { fieldManager });
}

async function waitForOutcome(flow: AuthorizeFlow, attempt: Attempt): Promise<FlowResult> {
  const end = flow.clock.now() + outcomeWithinMs;
  for (;;) {
    const outcome = readOutcome(await readAlias(flow), attempt.state, attempt);
    if (outcome !== undefined) return outcome;
    if (flow.clock.now() >= end) return { kind: 'TimedOut' };
    await flow.clock.sleep(pollMs, flow.signal);
  }
}

interface Received {
  readonly redirect: Redirect;
  /** Answers the browser. */
  readonly show: (page: PageKind, facts: { readonly namespace: string; readonly alias: string }) => void;
}

interface Receiver {
  /** The first redirect that brings this state, or none at all (facts/pagerduty.md 11). */
  next(state: string, signal: AbortSignal): Promise<Received>;
  close(): void;
}

async function startReceiver(redirectUrl: string): Promise<Receiver> {
  const { hostname, port } = new URL(redirectUrl);
  const waiting: { take?: (received: Received) => boolean } = {};
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const read = readRequest(request);
    if (read.kind === 'Refused') return sendPage(response, read.page);
    const answer: Received['show'] = (page, { namespace, alias }) => sendPage(response, page, `${namespace}/${alias}`);
    if (waiting.take?.({ redirect: read.redirect, show: answer }) !== true) sendPage(response, 'Unknown');
    return undefined;
  });
  await listen(server, hostname, Number(port || 80));
  return {
    next: (state, signal) => nextRedirect(waiting, state, signal),
    close: () => {
      server.close();
      server.closeIdleConnections();
    },
  };
}

async function nextRedirect(waiting: { take?: (received: Received) => boolean }, state: string, signal: AbortSignal): Promise<Received> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('nobody came back')), { once: true });
    waiting.take = (received) => {
      if (received.redirect.state !== undefined && received.redirect.state !== state) return false;
      // A second click waits for nothing.
      delete waiting.take;
      resolve(received);
      return true;
    };
  });
}

async function listen(server: Server, hostname: string, port: number): Promise<void> {
  server.listen(port, hostname === '[::1]' ? '::1' : '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    throw terminal('PortUnavailable', `Port ${port} on this machine cannot be listened on: free it, or register another redirect URL with the app and give it with --redirect-url.`);
  }
}

function sendPage(response: ServerResponse, kind: PageKind, alias?: string): void {
  const { status, html } = renderPage(kind, { alias });
  response.writeHead(status, { ...pageHeaders, 'content-length': Buffer.byteLength(html), connection: 'close' });
  response.end(html);
}
