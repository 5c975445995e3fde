import { readFileSync, writeFileSync } from 'node:fs';
import type { ChildReport } from './children.ts';

/** Counts requests to the API server as they are answered. */
export interface RequestTally {
  count(request: { method: string; resource: string }): void;
  finish(): Pick<ChildReport, 'apiRequests' | 'createsPerSecond'>;
}

export function createTally(): RequestTally {
  const apiRequests: Record<string, number> = {};
  let firstCreate: number | undefined;
  let lastCreate = 0;
  return {
    count({ method, resource }) {
      const name = `${method} ${resource}`;
      apiRequests[name] = (apiRequests[name] ?? 0) + 1;
      if (name !== 'POST softwaresubscriptions') return;
      lastCreate = performance.now();
      firstCreate ??= lastCreate;
    },
    finish() {
      const creates = apiRequests['POST softwaresubscriptions'] ?? 0;
      const seconds = (lastCreate - (firstCreate ?? lastCreate)) / 1000;
      return { apiRequests, createsPerSecond: seconds > 0 ? (creates - 1) / seconds : undefined };
    },
  };
}

/** Writes the report of this process into the file that BENCH_REPORT names. */
export function writeReport(report: Omit<ChildReport, 'peakRssMiB'>): void {
  const file = process.env['BENCH_REPORT'];
  if (file === undefined) throw new Error('BENCH_REPORT is not set');
  writeFileSync(file, JSON.stringify({ ...report, peakRssMiB: readPeakRss() }));
}

/** VmHWM of this process in MiB. */
function readPeakRss(): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kib) / 1024;
}
