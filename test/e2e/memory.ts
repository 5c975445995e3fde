import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Peak of resident memory in MiB by what runs: operator, refresh subscriptions, refresh activity. */
export type Peaks = ReadonlyMap<string, number>;

/** Samples the node's processes every 50 ms: a refresh is over before any metrics pipeline sees it. */
const sampler = `while :; do
  for p in /proc/[0-9]*; do
    c=$(tr '\\0' ' ' <$p/cmdline 2>/dev/null) || continue
    case "$c" in "node "*saaslicense.mjs*) echo "$(sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\) kB/\\1/p' $p/status 2>/dev/null) $c" ;; esac
  done
  sleep 0.05
done`;

/** Watches what the image's processes take on a node of kind. `stop` answers the peaks. */
export function watchMemory(node: string): { stop(): Promise<Peaks> } {
  const peaks = new Map<string, number>();
  const child = spawn('docker', ['exec', node, 'sh', '-c', sampler], { stdio: ['ignore', 'pipe', 'ignore'] });
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) note(peaks, line);
  });
  const ended = once(child, 'exit').catch(() => undefined);
  return {
    async stop() {
      child.kill();
      await ended;
      return peaks;
    },
  };
}

function note(peaks: Map<string, number>, line: string): void {
  const found = /^(?<kib>\d+) .*saaslicense\.mjs (?<what>operator|refresh \w+)/u.exec(line)?.groups;
  if (found === undefined) return;
  const what = found['what'] ?? '';
  peaks.set(what, Math.max(peaks.get(what) ?? 0, Math.round(Number(found['kib']) / 1024)));
}
