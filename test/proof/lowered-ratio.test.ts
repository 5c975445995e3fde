import { expect, it } from 'vitest';
import { reclamationRuleResource, type ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { confirmAsSeen } from './confirmations.ts';
import { startProcess } from './process.ts';
import { iso, namespace } from './subscriptions.ts';
import { openWorld } from './world.ts';

// Found by the proof (seed 16): somebody lowers the limit, and what was decided went on until the rule was evaluated again.
it('C12, guard 5: a maxCandidateRatio that is lowered below what the last evaluation found holds at once', async () => {
  const mode = { mode: 'Propose', action: 'Remove', downgradeTo: undefined, notify: undefined, freezeWindows: undefined, protect: { tags: [] } } as const;
  const limits = { maxPerRun: 10, maxPercent: 100, maxCandidateRatio: 100, minAdmins: 1 };
  const world = openWorld(16, { rule: { ...mode, limits }, inactive: 0.9, self: false });
  const operator = startProcess(world, 'one');
  await operator.lookAtRule('business');
  const names = world.cluster.list<RemovalCandidate>(removalCandidateResource).map(({ metadata }) => metadata.name);
  expect(names.length).toBeGreaterThan(2);
  operator.catchUp();
  for (const name of names) await operator.lookAtCandidate(name);
  for (const name of names) world.cluster.change<RemovalCandidate>(removalCandidateResource, { namespace, name }, ({ spec, status = {} }) => void (spec.decision = { verdict: 'Reclaim', by: 'maria', at: iso(world.clock.now()), reason: 'unused', confirms: status.decisionId ?? expect.unreachable('nobody can decide yet') }));
  const lookAtAll = async (): Promise<void> => {
    operator.catchUp();
    for (const name of names) for (let pass = 0; pass < 8; pass += 1) await operator.lookAtCandidate(name);
  };
  world.cluster.change<ReclamationRule>(reclamationRuleResource, { namespace, name: 'business' }, (rule) => {
    rule.spec.limits.maxCandidateRatio = 1;
    confirmAsSeen(rule);
  });
  await lookAtAll();
  expect(world.simulator.journal.writes()).toEqual([]);
  world.cluster.change<ReclamationRule>(reclamationRuleResource, { namespace, name: 'business' }, (rule) => {
    rule.spec.limits.maxCandidateRatio = 100;
    confirmAsSeen(rule);
  });
  await lookAtAll();
  expect(world.simulator.journal.writes().length).toBeGreaterThan(0);
});
