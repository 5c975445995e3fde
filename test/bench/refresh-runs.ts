import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RefreshProcess } from '../../operator/api/integration-profile.ts';
import { defaultConcurrency } from '../../operator/refresh/dependencies.ts';
import { countAuditedWrites, endOfAuditLog } from './audit-log.ts';
import { runChild, type ChildReport } from './children.ts';
import { benchNow, exportSubscriptions, type Stage } from './refresh-stage.ts';
import { round } from './statistics.ts';
import { apiKey, type Tenant } from './tenant.ts';

/**
 * How the image is to start Node: a small young generation and a heap that grows by a fifth keep garbage from looking
 * like need, and set no limit at which a larger account would fail.
 */
export const nodeFlags = ['--max-semi-space-size=2', '--heap-growing-percent=20'] as const;

/** Figures of one refresh. */
export interface RefreshFigures {
  readonly vendorRequests: number;
  /** Writes of subscriptions: by the client's count, and by the API server's audit log. */
  readonly apiWrites: number;
  readonly auditedWrites: number;
  readonly apiReads: number;
  readonly milliseconds: number;
  readonly peakRssMiB: number;
  readonly createsPerSecond?: number;
}

interface JournalEntry {
  path: string;
  query: [string, string][];
}

/** Paths with queries that the vendor was asked for, in order. */
export interface RefreshRun {
  readonly figures: RefreshFigures;
  readonly pages: string[];
}

export async function runRefreshProcess(stage: Stage, tenant: Tenant, process: RefreshProcess): Promise<RefreshRun> {
  await stage.simulator.order('DELETE', '/journal');
  const from = await endOfAuditLog(stage.plane.auditLog);
  const report = await runChild({
    directory: stage.directory,
    argv: [
      ...nodeFlags,
      stage.program,
      process,
      `--namespace=${tenant.namespace}`,
      `--profile=${tenant.profileName}`,
      `--profile-uid=${tenant.profileUid}`,
      `--token-directory=${tenant.tokenDirectory}`,
      '--allow-custom-endpoints',
      `--service-account-directory=${tenant.accountDirectory}`,
    ],
    env: { ...inCluster(stage), BENCH_NOW: String(benchNow) },
  });
  if (report.exitCode !== 0) throw new Error(`the ${process} refresh failed: ${report.reason}`);
  const journal = (await stage.simulator.order('GET', '/journal')) as JournalEntry[];
  const auditedWrites = await countAuditedWrites(stage.plane.auditLog, from, tenant.namespace);
  const pages = journal.map(({ path, query }) => `${path}?${new URLSearchParams(query).toString()}`);
  return { figures: figuresOf(report, { vendorRequests: journal.length, auditedWrites }), pages };
}

function figuresOf(report: ChildReport, seen: { vendorRequests: number; auditedWrites: number }): RefreshFigures {
  const subscriptions = Object.entries(report.apiRequests).filter(([name]) => name.endsWith(' softwaresubscriptions'));
  const sum = (chosen: typeof subscriptions): number => chosen.reduce((total, [, count]) => total + count, 0);
  return {
    ...seen,
    apiWrites: sum(subscriptions.filter(([name]) => !name.startsWith('GET '))),
    apiReads: sum(Object.entries(report.apiRequests).filter(([name]) => name.startsWith('GET '))),
    milliseconds: Math.round(report.workMs),
    peakRssMiB: round(report.peakRssMiB),
    ...(report.createsPerSecond === undefined ? {} : { createsPerSecond: round(report.createsPerSecond) }),
  };
}

/** Creates a second of the bare loop, with the objects that the refresh made for `source`. */
export async function runBareCreates(stage: Stage, source: Tenant, target: Tenant): Promise<number> {
  const objects = await exportSubscriptions(stage, source, target);
  const report = await runChild({
    directory: stage.directory,
    argv: [pathOf('bare-create-child.ts')],
    env: {
      ...inCluster(stage),
      BENCH_ACCOUNT: target.accountDirectory,
      BENCH_OBJECTS: objects,
      BENCH_PATH: `/apis/saaslicense.dev/v1alpha1/namespaces/${target.namespace}/softwaresubscriptions`,
      BENCH_CONCURRENCY: String(defaultConcurrency),
    },
  });
  if (report.exitCode !== 0 || report.createsPerSecond === undefined) throw new Error(`the bare creates failed: ${report.reason}`);
  return report.createsPerSecond;
}

/** Milliseconds of the bare download of the same pages. */
export async function runBareDownload(stage: Stage, pages: readonly string[]): Promise<number> {
  const list = join(stage.directory, 'pages.json');
  await writeFile(list, JSON.stringify(pages));
  const env = { BENCH_PAGES: list, BENCH_ORIGIN: stage.simulator.url, BENCH_KEY: apiKey };
  const report = await runChild({ directory: stage.directory, argv: [pathOf('bare-download-child.ts')], env });
  if (report.exitCode !== 0) throw new Error('the bare download failed');
  return report.workMs;
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** What a pod's environment says of the API server. */
function inCluster(stage: Stage): Record<string, string> {
  const { hostname, port } = new URL(stage.plane.server);
  return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
}
