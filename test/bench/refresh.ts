import { nodeFlags, runBareCreates, runBareDownload, runRefreshProcess, type RefreshFigures } from './refresh-runs.ts';
import { setStage, type Stage } from './refresh-stage.ts';
import { round, spreadOf, type Spread } from './statistics.ts';
import { createTenant, type Tenant } from './tenant.ts';

/** Less than a request to a vendor in the same continent takes. */
const vendorLatencyMs = 50;

export interface RefreshBenchOptions {
  readonly users: number;
  /** Interleaved repeats of what becomes a ratio. */
  readonly repeats: number;
  readonly log: (line: string) => void;
}

/** Figures of design section 7 for the refresh; ratios are of runs in this very benchmark. */
export interface RefreshBenchReport {
  readonly benchmark: 'refresh';
  readonly users: number;
  readonly repeats: number;
  /** Flags of Node in the refresh processes. */
  readonly nodeFlags: readonly string[];
  readonly subscriptions: { readonly first: RefreshFigures; readonly unchanged: RefreshFigures };
  readonly activity: { readonly first: RefreshFigures; readonly unchanged: RefreshFigures };
  /** Create rate of a first import beside that of a bare loop; at least 0.8 wanted. */
  readonly createRatio: Spread & { readonly budget: number };
  /**
   * Time of an unchanged refresh beside that of a bare download of the same pages; at most 1 wanted. The vendor answers
   * after `vendorLatencyMs`, as one across the internet does; without it, the rest of the work cannot hide in the wait.
   */
  readonly unchangedRatio: Spread & { readonly budget: number; readonly vendorLatencyMs: number };
  /** The same with a vendor that answers at once, over loopback. */
  readonly unchangedRatioWithoutLatency: Spread;
  readonly peakRssMiB: number;
}

export async function benchRefresh({ users, repeats, log }: RefreshBenchOptions): Promise<RefreshBenchReport> {
  const stage = await setStage(users, log);
  try {
    const imports = await repeatImports(stage, repeats, log);
    const { tenant, first } = imports;
    const subscriptions = await repeatUnchanged(stage, tenant, { repeats, log });
    await stage.simulator.order('POST', '/faults', { count: null, delayMs: vendorLatencyMs });
    log(`every answer of the vendor now takes ${vendorLatencyMs} ms more`);
    const distant = await repeatUnchanged(stage, tenant, { repeats, log });
    await stage.simulator.order('DELETE', '/faults');
    const { figures: firstActivity } = await runRefreshProcess(stage, tenant, 'activity');
    log(describe('activity, first', firstActivity));
    const { figures: nextActivity } = await runRefreshProcess(stage, tenant, 'activity');
    log(describe('activity, unchanged', nextActivity));
    const runs = [first, subscriptions.figures, firstActivity, nextActivity];
    return {
      benchmark: 'refresh',
      users,
      repeats,
      nodeFlags,
      subscriptions: { first, unchanged: subscriptions.figures },
      activity: { first: firstActivity, unchanged: nextActivity },
      createRatio: { ...spreadOf(imports.ratios), budget: 0.8 },
      unchangedRatio: { ...spreadOf(distant.ratios), budget: 1, vendorLatencyMs },
      unchangedRatioWithoutLatency: spreadOf(subscriptions.ratios),
      peakRssMiB: round(Math.max(...runs.map((run) => run.peakRssMiB), ...imports.peaks)),
    };
  } finally {
    await stage.stop();
  }
}

/** First imports into new namespaces and bare loops into others, in turn; every second time the bare loop goes first. */
async function repeatImports(stage: Stage, repeats: number, log: (line: string) => void) {
  const ratios: number[] = [];
  const peaks: number[] = [];
  let source: { tenant: Tenant; first: RefreshFigures } | undefined;
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    const tenant = await createTenant(stage.plane, { namespace: `bench-${repeat}`, vendor: stage.simulator.url });
    const bare = await createTenant(stage.plane, { namespace: `bench-bare-${repeat}`, vendor: stage.simulator.url });
    const early = source !== undefined && repeat % 2 === 0 ? await runBareCreates(stage, source.tenant, bare) : undefined;
    const { figures } = await runRefreshProcess(stage, tenant, 'subscriptions');
    source ??= { tenant, first: figures };
    const bareRate = early ?? (await runBareCreates(stage, source.tenant, bare));
    const ratio = (figures.createsPerSecond ?? Number.NaN) / bareRate;
    ratios.push(ratio);
    peaks.push(figures.peakRssMiB);
    log(`${describe(`subscriptions, first (${repeat})`, figures)}; bare loop ${Math.round(bareRate)} creates/s, ratio ${ratio.toFixed(3)}`);
  }
  if (source === undefined) throw new Error('there must be at least one repeat');
  return { ...source, ratios, peaks };
}

/** Refreshes of what did not change and bare downloads of the same pages, in turn. */
async function repeatUnchanged(
  stage: Stage,
  tenant: Tenant,
  { repeats, log }: { repeats: number; log: (line: string) => void },
) {
  const ratios: number[] = [];
  let last: RefreshFigures | undefined;
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    const { figures, pages } = await runRefreshProcess(stage, tenant, 'subscriptions');
    const bareMs = await runBareDownload(stage, pages);
    const ratio = figures.milliseconds / bareMs;
    ratios.push(ratio);
    last = figures;
    log(`${describe(`subscriptions, unchanged (${repeat})`, figures)}; bare download ${Math.round(bareMs)} ms, ratio ${ratio.toFixed(3)}`);
  }
  if (last === undefined) throw new Error('there must be at least one repeat');
  return { figures: last, ratios };
}

function describe(name: string, figures: RefreshFigures): string {
  const rate = figures.createsPerSecond === undefined ? '' : `, ${Math.round(figures.createsPerSecond)} creates/s`;
  return `${name}: ${figures.vendorRequests} vendor requests, ${figures.apiWrites} writes (audit log: ${figures.auditedWrites}), ${figures.apiReads} reads, ${figures.milliseconds} ms, ${Math.round(figures.peakRssMiB)} MiB${rate}`;
}
