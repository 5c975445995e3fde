import type { Clock } from '../api/clock.ts';
import { terminal } from '../api/errors.ts';
import { systemClock } from '../api/system-clock.ts';
import type { Contract } from '../licensing/position/facts.ts';
import type { Scenario } from '../licensing/position/scenario.ts';
import { buildPlan } from './plan-document.ts';
import { readEntitlements } from './plan-entitlements.ts';
import { planUsage, readPlanOptions, type PlanOptions } from './plan-options.ts';
import { isAboutRule, readPlanRuleOptions } from './plan-rule-options.ts';
import { renderPlanText } from './plan-text.ts';
import { loadSnapshot, type CommandContext } from './position/load-snapshot.ts';
import { print, runCommand } from './position/run-command.ts';
import { canonicalJson } from './position/snapshot-file.ts';

/** `saaslicense plan`: the position as it is and as it would be (D6); or, of a rule, whom it would touch (D1). */
export async function runPlanCommand(argv: readonly string[], env: NodeJS.ProcessEnv, clock: Pick<Clock, 'now'> = systemClock): Promise<number> {
  if (isAboutRule(argv)) {
    const { planRuleCommand } = await import('./plan-rule-command.ts');
    return runCommand({ name: 'plan', usage: planUsage, read: readPlanRuleOptions, run: async (options) => planRuleCommand(options, { env, clock }) }, argv);
  }
  return runCommand({ name: 'plan', usage: planUsage, read: readPlanOptions, run: async (options) => plan(options, { env, clock }) }, argv);
}

async function plan(options: PlanOptions, context: CommandContext): Promise<number> {
  const snapshot = await loadSnapshot(options.source, false, context);
  const contracts = await readAllEntitlements(options.entitlements, snapshot.namespace);
  const document = buildPlan(snapshot, toScenario(options, contracts), options.at ?? Date.parse(snapshot.at));
  await print(options.format === 'json' ? `${canonicalJson(document)}\n` : renderPlanText(document));
  return 0;
}

/** The changes of a command line, with the entitlements of its files. */
export function toScenario({ thresholdDays, thresholds, prices, commitments, renewals }: PlanOptions, contracts: readonly Contract[] = []): Scenario {
  return { thresholds, prices, commitments, renewals, contracts, ...(thresholdDays === undefined ? {} : { thresholdDays }) };
}

async function readAllEntitlements(files: readonly string[], namespace: string): Promise<Contract[]> {
  const contracts = (await Promise.all(files.map((file) => readEntitlements(file, namespace)))).flat();
  if (new Set(contracts.map(({ name }) => name)).size < contracts.length) {
    throw terminal('EntitlementsInvalid', 'The files of --entitlements hold two SoftwareEntitlements of the same name: leave one out.');
  }
  return contracts.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
