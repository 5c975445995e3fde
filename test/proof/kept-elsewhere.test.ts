import { expect, it } from 'vitest';
import { removalCandidateResource, type RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { startProcess } from './process.ts';
import { iso, namespace } from './subscriptions.ts';
import { openWorld } from './world.ts';

it.each([
  ['was kept just now', { state: 'ClosedSkipped', reason: 'Kept' }],
  ['has an open candidate of another rule just now', { state: 'Ready' }],
] as const)('C9, guard 1: a subscription that %s is not reclaimed by a process whose caches do not know it yet', async (_what, other) => {
  const mode = { mode: 'Propose', action: 'Remove', downgradeTo: undefined, notify: undefined, freezeWindows: undefined, keepCooldownDays: 90, protect: { tags: [] } } as const;
  const limits = { maxPerRun: 10, maxPercent: 100, maxCandidateRatio: 100, minAdmins: 1 };
  const world = openWorld(16, { rule: { ...mode, limits }, inactive: 0.9, self: false });
  const operator = startProcess(world, 'one');
  await operator.lookAtRule('business');
  const names = world.cluster.list<RemovalCandidate>(removalCandidateResource).map(({ metadata }) => metadata.name);
  operator.catchUp();
  for (const name of names) {
    await operator.lookAtCandidate(name);
    const [found] = world.cluster.list<RemovalCandidate>(removalCandidateResource).filter(({ metadata }) => metadata.name === name);
    world.cluster.change<RemovalCandidate>(removalCandidateResource, { namespace, name }, ({ spec, status = {} }) => void (spec.decision = { verdict: 'Reclaim', by: 'maria', at: iso(world.clock.now()), reason: 'unused', confirms: status.decisionId ?? expect.unreachable('nobody can decide yet') }));
    const candidate = found ?? expect.unreachable();
    const { subject } = candidate.spec;
    world.cluster.put(removalCandidateResource, {
      ...candidate,
      metadata: { name: `other-${name}`, namespace, uid: `other-${name}` },
      spec: { ...candidate.spec, subject: { ...subject, ruleRef: { name: 'other' } } },
      status: { ...other, ...(other.state === 'Ready' ? {} : { closedAt: iso(world.clock.now()) }) },
    });
  }
  for (const name of names) for (let pass = 0; pass < 8; pass += 1) await operator.lookAtCandidate(name);
  expect(world.simulator.journal.writes()).toEqual([]);
});
