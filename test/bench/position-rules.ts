import { setTimeout as delay } from 'node:timers/promises';
import { reclamationRuleResource, type ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import { removalCandidateResource } from '../../operator/api/removal-candidate.ts';
import type { WatchingClient } from '../../operator/kubernetes/http-client.ts';
import { countAuditedRequests, endOfAuditLog } from './audit-log.ts';
import { percentiles, type Percentiles } from './percentiles.ts';
import { candidatesOf, namespace, judgedRules } from './position-account.ts';
import { round, spreadOf, type Spread } from './statistics.ts';

export interface RulesReport {
  readonly candidates: number;
  /** Milliseconds from the edit of a judged rule until it has been evaluated anew and shows the generation. */
  readonly editToEvaluatedMs: Spread;
  /** Milliseconds from the edit of another rule to its generation in status: with nothing else to do, and while the judged ones are evaluated. */
  readonly editToObservedMs: { readonly quiet: Percentiles; readonly whileEvaluating: Percentiles };
  /** Writes of one evaluation that finds the same candidates, by resource. */
  readonly writesPerEvaluation: Readonly<Record<string, number>>;
}

export interface RulesBench {
  readonly client: WatchingClient;
  readonly users: number;
  readonly repeats: number;
  readonly auditLog: string;
  /** Service account of the operator. */
  readonly account: string;
  readonly untilIdle: () => Promise<void>;
}

const editsPerRun = 20;
const [large = '', small = ''] = judgedRules;

/** Waits until the judged rules have made their candidates; throws when those are others than they have to be. */
export async function expectCandidates({ client, users, untilIdle }: Pick<RulesBench, 'client' | 'users' | 'untilIdle'>): Promise<number> {
  for (const name of judgedRules) await untilEvaluated(client, name, 0);
  await untilIdle();
  let found = 0;
  for await (const page of client.pages(removalCandidateResource, { namespace, limit: 500 })) found += page.length;
  if (found !== candidatesOf(users)) throw new Error(`${found} candidates were made, of ${candidatesOf(users)}`);
  return found;
}

/** Edits of rules, which people and GitOps make while others are evaluated. */
export async function measureRules(bench: RulesBench, candidates: number): Promise<RulesReport> {
  const { client, repeats, auditLog, account, untilIdle } = bench;
  const quiet: number[] = [];
  for (let edit = 0; edit < editsPerRun * repeats; edit += 1) quiet.push(await timeEdit(client, `rule-${edit}`, 30 + edit));
  await untilIdle();
  const from = await endOfAuditLog(auditLog);
  const evaluated: number[] = [];
  for (let run = 0; run < repeats; run += 1) evaluated.push(await timeEdit(client, large, 61 + run));
  await untilIdle();
  const { writes } = await countAuditedRequests(auditLog, from, account);
  const busy: number[] = [];
  for (let run = 0; run < repeats; run += 1) {
    const evaluating = [timeEdit(client, large, 51 + run), timeEdit(client, small, 51 + run)];
    for (let edit = 0; edit < editsPerRun; edit += 1) busy.push(await timeEdit(client, `rule-${100 + run * editsPerRun + edit}`, 31));
    await Promise.all(evaluating);
    await untilIdle();
  }
  return {
    candidates,
    editToEvaluatedMs: spreadOf(evaluated),
    editToObservedMs: { quiet: percentiles(quiet), whileEvaluating: percentiles(busy) },
    writesPerEvaluation: Object.fromEntries(Object.entries(writes).map(([resource, count]) => [resource, round(count / repeats)])),
  };
}

/** A threshold that changes nobody's verdict: everybody was last active 10, 40 or 70 days ago. */
async function timeEdit(client: WatchingClient, name: string, lastActivityThresholdDays: number): Promise<number> {
  const started = performance.now();
  const { metadata } = await client.mergePatch<ReclamationRule>(reclamationRuleResource, { namespace, name }, { spec: { lastActivityThresholdDays } });
  await untilObserved(client, name, metadata.generation ?? 0, () => true);
  return performance.now() - started;
}

async function untilEvaluated(client: WatchingClient, name: string, generation: number): Promise<void> {
  await untilObserved(client, name, generation, ({ status }) => status?.evaluation !== undefined && status.held === undefined);
}

// oxlint-disable-next-line max-params -- of what, which, since when, and what it has to show
async function untilObserved(client: WatchingClient, name: string, generation: number, holds: (rule: ReclamationRule) => boolean): Promise<void> {
  const deadline = performance.now() + 120_000;
  for (;;) {
    const rule = await client.get<ReclamationRule>(reclamationRuleResource, { namespace, name });
    if (rule !== undefined && (rule.status?.observedGeneration ?? -1) >= generation && holds(rule)) return;
    if (performance.now() > deadline) throw new Error(`rule ${name} did not come so far within two minutes: ${JSON.stringify(rule?.status)}`);
    await delay(10);
  }
}
