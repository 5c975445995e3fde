import { parseArgs } from 'node:util';
import { compact } from '../api/compact.ts';
import type { Clock } from '../api/clock.ts';
import { product } from '../api/group.ts';
import { systemClock } from '../api/system-clock.ts';
import { loadClusterConfig } from '../kubernetes/cluster-config.ts';
import { createKubernetesClient } from '../kubernetes/http-client.ts';
import { hideAddresses } from '../licensing/text.ts';
import { findOwnName } from './candidate/decide-flow.ts';
import { restore, type RestoreOutcome } from './candidate/restore-flow.ts';
import { print, runCommand } from './position/run-command.ts';
import { isName } from './position/source-options.ts';

export const restoreUsage = `usage: saaslicense restore CANDIDATE [OPTION]...

Asks the operator to undo the reclaim of a RemovalCandidate, waits for it, and prints what was restored, what was kept as it is
now, and what could not be restored. The signed audit trail records who asked and why.

  --reason TEXT          why; required
  --by NAME              who asks (default: your user name at the API server)
  --wait DURATION        how long to wait, such as 60s or 5m (default: 60s); 0s asks and does not wait
  -n, --namespace NAME   namespace (default: that of the kubeconfig's context)
  --kubeconfig FILE, --context NAME  API server to use

exit codes: 0 restored (or asked, with --wait 0s), 1 it failed or is not done yet, 2 bad command line`;

const rights = 'It needs the right to get and patch RemovalCandidates in the namespace, such as the ClusterRole saas-license-operator-admin gives.';

export interface RestoreOptions {
  readonly candidate: string;
  readonly reason: string;
  readonly by: string | undefined;
  readonly timeoutMs: number;
  readonly namespace: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

const maxWaitMs = 3_600_000;

/** `saaslicense restore`: gives somebody back what they had (C29, D4). */
export async function runRestoreCommand(argv: readonly string[], env: NodeJS.ProcessEnv, clock: Clock = systemClock): Promise<number> {
  return runCommand({ name: 'restore', usage: restoreUsage, rights, read: readRestoreOptions, run: async (options) => restoreOne(options, env, clock) }, argv);
}

/** Throws an Error whose message says what is wrong with the command line. */
export function readRestoreOptions(argv: readonly string[]): RestoreOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: true,
    options: { reason: { type: 'string' }, by: { type: 'string' }, wait: { type: 'string', default: '60s' }, namespace: { type: 'string', short: 'n' }, kubeconfig: { type: 'string' }, context: { type: 'string' } },
  });
  const [candidate = '', ...others] = positionals;
  if (others.length > 0 || !isName(candidate)) throw new Error('name one RemovalCandidate');
  const { namespace, kubeconfig, context, by, reason = '' } = values;
  if (namespace !== undefined && !isName(namespace)) throw new Error('--namespace must be a name of Kubernetes: lower case letters, digits, - and .');
  const timeoutMs = readDuration(values.wait);
  if (reason.trim() === '') throw new Error('--reason is missing: say why the reclaim is undone');
  return { candidate, reason, by, timeoutMs, namespace, kubeconfig, context };
}

function readDuration(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,5})(s|m)$/.exec(text) ?? [];
  const ms = number === '' ? Number.NaN : Number(number) * (unit === 'm' ? 60_000 : 1000);
  if (!(ms <= maxWaitMs)) throw new Error('--wait must be a duration of at most an hour, such as 60s or 5m');
  return ms;
}

async function restoreOne({ candidate, reason, by, timeoutMs, namespace, kubeconfig, context }: RestoreOptions, env: NodeJS.ProcessEnv, clock: Clock): Promise<number> {
  const config = await loadClusterConfig({ env, ...compact({ kubeconfig, context }) });
  const client = createKubernetesClient(config, { clock: systemClock, userAgent: product });
  try {
    const request = { by: by ?? (await findOwnName({ client })), at: new Date(clock.now()).toISOString(), reason };
    const outcome = await restore({ client, clock, namespace: namespace ?? config.namespace, candidate, request, timeoutMs, signal: AbortSignal.timeout(timeoutMs + 60_000) });
    return await report(outcome, candidate);
  } finally {
    await client.close();
  }
}

async function report(outcome: RestoreOutcome, candidate: string): Promise<number> {
  if (outcome.kind === 'TimedOut') {
    console.error(`saaslicense restore: ${candidate} is not restored yet; ${hideAddresses(outcome.standing)} Ask again, or look at status.history of it.`);
    return 1;
  }
  await print(`${describe(outcome, candidate)}\n`);
  return 0;
}

function describe(outcome: Exclude<RestoreOutcome, { kind: 'TimedOut' }>, candidate: string): string {
  if (outcome.kind === 'Asked') return `${candidate}: asked to be restored; status.undo.restoredAt will tell when it is.`;
  const lines = hideAddresses(outcome.text).replaceAll(/ (?=Not restored: |Kept as it is now: )/g, '\n');
  return `${candidate} was restored at ${outcome.at}.\n${lines}`;
}
