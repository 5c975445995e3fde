import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent } from 'undici';
import { createPagerDutyProvider } from '../../operator/providers/pagerduty/index.ts';
import { sendWithGot, type Transport } from '../../operator/providers/pagerduty/transport.ts';
import { createSession } from '../support/provider-session.ts';
import { generateCompany, startSimulator } from '../pagerduty-simulator/index.ts';

/*
 * The provider's download beside a bare undici loop that fetches and parses the same pages, in alternating rounds on the
 * same simulator, which has a process of its own: `node test/bench/provider-download.ts [users] [rounds] [delay]`.
 * Each answer takes `delay` milliseconds more, 20 if not told, far less than PagerDuty needs. The last line is JSON;
 * a ratio above 1 means that the provider is slower.
 */
const key = 'bench-key';
const clock = {
  now: Date.now,
  sleep: (ms: number, signal?: AbortSignal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
};

async function serve(users: number, delayMs: number): Promise<void> {
  const company = generateCompany({ seed: 20, users, everyoneInATeam: true });
  const unlimited = { perMinute: 1_000_000, oncallsPerMinute: 1_000_000 };
  const simulator = await startSimulator({ company, apiKeys: [{ key }], settings: unlimited });
  if (delayMs > 0) simulator.faults.add({ delayMs, count: null });
  process.send?.(simulator.url);
  process.once('disconnect', () => void simulator.stop());
}

async function download(url: string, transport: Transport = sendWithGot): Promise<number> {
  const session = createSession({ settings: { subdomain: 'acme', endpoints: { api: url } }, token: key, scheme: 'ApiToken', scopes: undefined, clock });
  const started = performance.now();
  let people = 0;
  for await (const page of createPagerDutyProvider({ transport }).download(session)) {
    if (page.kind === 'Subscriptions') people += page.subscriptions.length;
  }
  if (people === 0) throw new Error('nobody was downloaded');
  return performance.now() - started;
}

/** Addresses of all pages that a download asks for. */
async function listPages(url: string): Promise<string[]> {
  const pages: string[] = [];
  await download(url, (call) => {
    pages.push(call.url);
    return sendWithGot(call);
  });
  return pages;
}

async function fetchBare(origin: string, pages: readonly string[]): Promise<number> {
  const agent = new Agent({ allowH2: false, connections: 1 });
  const headers = { authorization: `Token token=${key}`, accept: 'application/vnd.pagerduty+json;version=2' };
  const started = performance.now();
  for (const page of pages) {
    const { body } = await agent.request({ origin, path: page.slice(origin.length), method: 'GET', headers });
    await body.json();
  }
  const took = performance.now() - started;
  await agent.close();
  return took;
}

async function measure(users: number, rounds: number, delayMs: number): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ['serve', String(users), String(delayMs)]);
  const [url] = (await once(child, 'message')) as [string];
  try {
    const pages = await listPages(url);
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      bare.push(await fetchBare(url, pages));
      ours.push(await download(url));
    }
    const [oursMs, bareMs] = [median(ours), median(bare)];
    console.log(JSON.stringify({ users, delayMs, requests: pages.length, rounds, oursMs, bareMs, ratio: Number((oursMs / bareMs).toFixed(3)) }));
  } finally {
    child.disconnect();
  }
}

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN);
}

const [first = '20000', ...numbers] = process.argv.slice(2);
const [second = 5, third = 20] = numbers.map(Number);
await (first === 'serve' ? serve(second, third) : measure(Number(first), second, third));
