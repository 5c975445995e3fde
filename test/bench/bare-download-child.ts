import { readFileSync } from 'node:fs';
import { Agent } from 'undici';
import { writeReport } from './child-report.ts';

/**
 * The fastest client that only downloads: the same pages (BENCH_PAGES, a JSON list of paths) from BENCH_ORIGIN with
 * one undici connection, one request at a time as PagerDuty asks for, each parsed and thrown away.
 */
const paths = JSON.parse(readFileSync(process.env['BENCH_PAGES'] ?? '', 'utf8')) as string[];
const origin = process.env['BENCH_ORIGIN'] ?? '';
const agent = new Agent({ allowH2: false, connections: 1 });
const headers = { authorization: `Token token=${process.env['BENCH_KEY'] ?? ''}`, accept: 'application/vnd.pagerduty+json;version=2' };
const started = performance.now();
let failures = 0;
for (const path of paths) {
  const reply = await agent.request({ origin, path, method: 'GET', headers });
  await reply.body.json();
  if (reply.statusCode !== 200) failures += 1;
}
const workMs = performance.now() - started;
await agent.close();
writeReport({ workMs, exitCode: failures === 0 ? 0 : 1, reason: `${paths.length} pages`, apiRequests: {}, createsPerSecond: undefined });
