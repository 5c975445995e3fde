import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Transport } from '../../operator/providers/pagerduty/transport.ts';
import type { Account } from './account/account.ts';
import { createAccount } from './account/account.ts';
import type { AppOptions, Apps } from './auth/apps.ts';
import { createApps } from './auth/apps.ts';
import type { ApiKeyOptions, Credentials } from './auth/credentials.ts';
import { createCredentials } from './auth/credentials.ts';
import { createIdentity } from './auth/identity.ts';
import type { CompanyState, Region } from './company/company.ts';
import { createTimeZones } from './company/time-zones.ts';
import { CONTROL_PREFIX, resetAll, serveControl } from './control/control.ts';
import type { Core } from './core.ts';
import type { FaultRules } from './faults/rules.ts';
import { createFaultRules } from './faults/rules.ts';
import { createAccountLock } from './http/account-lock.ts';
import type { SimulatorClock } from './http/clock.ts';
import { createSimulatorClock } from './http/clock.ts';
import { serve } from './http/dispatch.ts';
import { createInProcessTransport } from './http/in-process.ts';
import type { Journal } from './http/journal.ts';
import { createJournal } from './http/journal.ts';
import { createListingMemory } from './http/paging.ts';
import { createRateLimiter } from './http/rate-limit.ts';
import type { Settings } from './http/settings.ts';
import { DEFAULT_SETTINGS } from './http/settings.ts';

export interface SimulatorOptions {
  readonly company: CompanyState;
  /** Default: the machine's. Tokens, rate limits and on-calls go by it. */
  readonly clock?: { now(): number };
  /** Default 0: any free one. */
  readonly port?: number;
  readonly apps?: readonly AppOptions[];
  readonly apiKeys?: readonly ApiKeyOptions[];
  /** Other accounts that a person can sign in to; their tokens open them on this origin if the region is the same. */
  readonly neighbours?: readonly CompanyState[];
  /** Instead of the company's own. */
  readonly subdomain?: string;
  readonly region?: Region;
  readonly settings?: Partial<Settings>;
}

export interface Simulator {
  /** One origin for the API, the identity and the app host; no slash at the end. Without a server nothing is behind it. */
  readonly url: string;
  readonly journal: Journal;
  readonly faults: FaultRules;
  /** The company: look at it, change it. */
  readonly state: Account;
  readonly clock: SimulatorClock;
  /** Change the fields at any time. */
  readonly settings: Settings;
  /** The OAuth apps: register more, change what one may have. */
  readonly apps: Pick<Apps, 'list' | 'register' | 'update'>;
  /** Revoke tokens, or grant one that acts for a person. */
  readonly credentials: Pick<Credentials, 'revoke' | 'grantUser'>;
  /** Everything but the settings as at the start. */
  reset(): void;
  /** Ends every connection; resolves when the port is free. */
  stop(): Promise<void>;
}

/** Starts PagerDuty on loopback. Rejects when the port is taken. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const stopping = new AbortController();
  const core = assemble(options, stopping.signal);
  const server = createServer((request, response) => {
    respond(core, request, response).catch(() => response.destroy());
  });
  return present(core, await listen(server, options.port ?? 0), async () => {
    stopping.abort();
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    server.closeAllConnections();
    await closed.promise;
  });
}

/** PagerDuty without a server, for `simulatorTransport`: nothing to listen on, nothing to wait for. */
export function createSimulator(options: SimulatorOptions): Simulator {
  const stopping = new AbortController();
  return present(assemble(options, stopping.signal), 'https://simulator.invalid', async () => stopping.abort());
}

/** Asks a simulator, with a server or without, in this process and without a socket. */
export function simulatorTransport(simulator: Simulator): Transport {
  const core = cores.get(simulator);
  if (core === undefined) throw new RangeError('not a simulator of this process');
  return createInProcessTransport(core);
}

const cores = new WeakMap<Simulator, Core>();

function present(core: Core, url: string, stop: () => Promise<void>): Simulator {
  const simulator: Simulator = {
    url,
    journal: core.journal,
    faults: core.faults,
    state: core.account,
    clock: core.clock,
    settings: core.settings,
    apps: core.identity.apps,
    credentials: core.credentials,
    reset: () => resetAll(core),
    stop,
  };
  cores.set(simulator, core);
  return simulator;
}

function assemble(options: SimulatorOptions, stop: AbortSignal): Core {
  const settings: Settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const { subdomain = options.company.subdomain, region = options.company.region } = options;
  const account = createAccount({ ...options.company, subdomain, region });
  const accounts = [account, ...(options.neighbours ?? []).map(createAccount)] as const satisfies readonly Account[];
  const apps = createApps({ initial: options.apps ?? [], accounts: accounts.map(({ company }) => company.subdomain) });
  const credentials = createCredentials({ accounts, apiKeys: options.apiKeys ?? [] });
  return {
    account,
    credentials,
    identity: createIdentity({ accounts, apps, credentials, settings }),
    faults: createFaultRules(),
    journal: createJournal(),
    clock: createSimulatorClock(options.clock ?? Date),
    settings,
    lock: createAccountLock(settings),
    rateLimiter: createRateLimiter(settings),
    zones: createTimeZones(),
    memory: createListingMemory(),
    stop,
  };
}

async function respond(core: Core, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const control = request.url?.startsWith(`${CONTROL_PREFIX}/`) === true || request.url === CONTROL_PREFIX;
  await (control ? serveControl(core, request, response) : serve(core, request, response));
}

async function listen(server: Server, port: number): Promise<string> {
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(port, '127.0.0.1', listening.resolve);
  await listening.promise;
  server.off('error', listening.reject);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
