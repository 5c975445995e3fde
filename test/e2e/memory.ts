import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Resident memory in MiB by what runs: operator, refresh subscriptions, refresh activity. */
export interface Memory {
  readonly peaks: ReadonlyMap<string, number>;
  /** Of the processes that ran at the end, the largest. */
  readonly last: ReadonlyMap<string, number>;
}

/** Samples the node's processes every 50 ms: a refresh is over before any metrics pipeline sees it. */
const sampler = `while :; do
  for p in /proc/[0-9]*; do
    c=$(tr '\\0' ' ' <$p/cmdline 2>/dev/null) || continue
    case "$c" in "node "*saaslicense.mjs*) echo $(sed -n 's/^Vm\\(HWM\\|RSS\\):[^0-9]*\\([0-9]*\\) kB/\\2/p' $p/status 2>/dev/null) "$c" ;; esac
  done
  echo round
  sleep 0.05
done`;

/** Watches what the image's processes take on a node of kind. `stop` answers what it saw. */
export function watchMemory(node: string): { stop(): Promise<Memory> } {
  const peaks = new Map<string, number>();
  let [last, round] = [new Map<string, number>(), new Map<string, number>()];
  const child = spawn('docker', ['exec', node, 'sh', '-c', sampler], { stdio: ['ignore', 'pipe', 'ignore'] });
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'round') [last, round] = [round, new Map()];
      else note({ peaks, round }, line);
    }
  });
  const ended = once(child, 'exit').catch(() => undefined);
  return {
    async stop() {
      child.kill();
      await ended;
      return { peaks, last };
    },
  };
}

function note({ peaks, round }: { peaks: Map<string, number>; round: Map<string, number> }, line: string): void {
  const found = /^(?<peak>\d+) (?<now>\d+) .*saaslicense\.mjs (?<what>operator|refresh \w+)/u.exec(line)?.groups;
  if (found === undefined) return;
  const what = found['what'] ?? '';
  for (const [seen, kib] of [[peaks, found['peak']], [round, found['now']]] as const) seen.set(what, Math.max(seen.get(what) ?? 0, Math.round(Number(kib) / 1024)));
}
