import { compact } from '../api/compact.ts';
import type { Clock } from '../api/clock.ts';
import { product } from '../api/group.ts';
import { systemClock } from '../api/system-clock.ts';
import { loadClusterConfig } from '../kubernetes/cluster-config.ts';
import { createKubernetesClient } from '../kubernetes/http-client.ts';
import { hideAddresses } from '../licensing/text.ts';
import { decide, findOwnName, findReady, type Decided, type DecideFlow } from './candidate/decide-flow.ts';
import { describeMany, type Decision } from './candidate/decision.ts';
import { decideUsage, readDecideOptions, type DecideOptions } from './decide-options.ts';
import { print, runCommand } from './position/run-command.ts';

const rights = 'It needs the right to get, list and patch RemovalCandidates in the namespace, such as the ClusterRole saas-license-operator-admin gives.';

/** `saaslicense decide`: the decision of a person on candidates, as they would write it with kubectl (L14). */
export async function runDecideCommand(argv: readonly string[], env: NodeJS.ProcessEnv, clock: Pick<Clock, 'now'> = systemClock): Promise<number> {
  return runCommand({ name: 'decide', usage: decideUsage, rights, read: readDecideOptions, run: async (options) => decideOn(options, env, clock) }, argv);
}

async function decideOn(options: DecideOptions, env: NodeJS.ProcessEnv, clock: Pick<Clock, 'now'>): Promise<number> {
  const { kubeconfig, context } = options;
  const config = await loadClusterConfig({ env, ...compact({ kubeconfig, context }) });
  const client = createKubernetesClient(config, { clock: systemClock, userAgent: product });
  try {
    const flow = { client, clock, namespace: options.namespace ?? config.namespace };
    const names = await chooseCandidates(options, flow);
    return names === undefined ? 1 : await decideEach(names, options, flow);
  } finally {
    await client.close();
  }
}

/** Undefined when a person has to say --yes first (L13). */
async function chooseCandidates({ candidates, rule, isConfirmed, verdict }: DecideOptions, flow: DecideFlow): Promise<readonly string[] | undefined> {
  if (rule === undefined) return candidates;
  const ready = await findReady(rule, flow);
  const names = ready.map(({ metadata }) => metadata.name);
  if (names.length === 0 || isConfirmed) return names;
  await print(`${names.map((name) => `  ${name}\n`).join('')}${describeMany(ready, rule, verdict)} Nothing was decided: look at them, then give --yes.\n`);
  return undefined;
}

async function decideEach(names: readonly string[], options: DecideOptions, flow: DecideFlow): Promise<number> {
  if (names.length === 0) {
    await print(`No candidate of rule ${options.rule ?? ''} is Ready and not decided on.\n`);
    return 0;
  }
  const decision: Decision = { verdict: options.verdict, by: options.by ?? (await findOwnName(flow)), at: new Date(flow.clock.now()).toISOString(), reason: options.reason };
  const done: Decided[] = [];
  for (const name of names) {
    const decided = await decide(name, decision, flow);
    done.push(decided);
    await tell(decided, options);
  }
  const failed = done.filter(({ problem }) => problem !== undefined).length;
  if (names.length > 1) await print(`${done.length - failed} decided, ${failed} not.\n`);
  return failed === 0 ? 0 : 1;
}

async function tell({ candidate, problem, instead }: Decided, { verdict }: DecideOptions): Promise<void> {
  if (problem !== undefined) console.error(`saaslicense decide: ${candidate}: ${hideAddresses(problem)}.`.replace(/\.\.$/, '.'));
  else await print(`${candidate}: ${verdict}${instead === undefined ? '' : `, instead of ${instead}`}\n`);
}
