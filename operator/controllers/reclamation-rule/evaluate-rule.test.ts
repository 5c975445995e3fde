import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createMemoryCluster } from '../../../test/support/memory-cluster.ts';
import { namespaceNow } from '../../../test/support/position-namespace.ts';
import { aReclamationRule } from '../../../test/support/rule-builders.ts';
import { aRuleNamespace } from '../../../test/support/rule-namespace.ts';
import { softwareSubscriptionResource } from '../../api/software-subscription.ts';
import { compileCondition, maxSteps } from '../../licensing/reclaim/condition.ts';
import { createProviders, providerByType } from '../../providers/registry.ts';
import { buildContext } from './context.ts';
import { evaluateRule, stepsATurn } from './evaluate-rule.ts';
import { findEvidence } from './evidence.ts';

const people = 400;
/** Close to the most that is allowed for one person. */
const worst = `subscription.teams.exists(t, ${Array.from({ length: 3 }, (_, index) => `t.lowerAscii().contains('${'a'.repeat(24)}${index}')`).join(' || ')})`;

/** A profile of many people in as many and as long teams as there may be, on an API server that gives them in one page. */
function setup(condition: string) {
  const { profiles, subscriptions, models } = aRuleNamespace(people);
  const profile = profiles.find(({ metadata }) => metadata.name === 'pagerduty')!;
  const cluster = createMemoryCluster();
  const teams = Array.from({ length: 49 }, (_, index) => `${'a'.repeat(250)}${index}`);
  const ownerReferences = [{ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'IntegrationProfile', name: profile.metadata.name, uid: profile.metadata.uid! }];
  const own = subscriptions.filter(({ spec }) => spec.profileRef.name === profile.metadata.name).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const one of own) cluster.put(softwareSubscriptionResource, { ...one, spec: { ...one.spec, teams }, metadata: { ...one.metadata, ownerReferences } });
  const rule = aReclamationRule({ name: 'hostile', spec: { condition, limits: { maxPerRun: 10, maxPercent: 50, maxCandidateRatio: 100, minAdmins: 1 } } });
  const scene = { rule, profile, provider: providerByType(createProviders(), profile.spec.type), models, exclusions: [], siblings: [], candidates: [], isRefreshing: false, isHalfWritten: false, leavers: new Set<string>() };
  const context = buildContext(scene, findEvidence(scene, namespaceNow), { now: namespaceNow, admins: 0 });
  return { seats: own.length, evaluate: () => evaluateRule({ scene, profile, context, dependencies: { client: cluster.client() }, signal: new AbortController().signal }) };
}

/** What else the process has to do: how often it gets its turn until the work is done. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  const done = new AbortController();
  const ended = work.finally(() => done.abort());
  let turns = 0;
  for (; !done.signal.aborted; turns += 1) await nextTurn();
  await ended;
  return turns;
}

describe('guard 12: a condition of one namespace and everybody else', () => {
  it('guard 12: the most expensive condition that is allowed, over many people, leaves the event loop to others every ten milliseconds or so', async () => {
    const compiled = compileCondition(worst);
    const steps = 'steps' in compiled ? compiled.steps : 0;
    expect(steps).toBeGreaterThan(maxSteps / 2);
    const { seats, evaluate } = setup(worst);
    expect(seats).toBeGreaterThan(people / 2);
    expect(await turnsDuring(evaluate())).toBeGreaterThan((seats * steps) / stepsATurn);
  });
});
