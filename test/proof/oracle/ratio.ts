import type { RemovalCandidate } from '../../../operator/api/removal-candidate.ts';
import { reclamationRuleResource, type ReclamationRule } from '../../../operator/api/reclamation-rule.ts';
import { namespace } from '../subscriptions.ts';
import { observe } from '../witness.ts';
import type { Evaluated, World } from '../world.ts';
import { leaversOf } from './objects.ts';
import { covers, staleness, whyNot } from './use.ts';

/** C12: what an evaluation must find, counted so cautiously that the operator can but find more. */
export function countEvaluation(world: World, name: string): Evaluated {
  const rule = world.cluster.get<ReclamationRule>(reclamationRuleResource, { namespace, name });
  const objects = observe(world);
  if (rule === undefined) return { ratio: 0, covered: 0 };
  const now = world.clock.now();
  const covered = objects.subscriptions.filter((one) => covers(rule, one));
  const taken = new Set(objects.candidates.filter((one) => isSpoken(one, name)).map(({ spec }) => spec.subject.subscriptionRef.name));
  const leavers = leaversOf(objects, rule);
  const isSound = staleness(objects.profile, rule, now) === undefined;
  const found = covered.filter((one) => isSound && one.spec.role !== 'admin' && !taken.has(one.metadata.name) && whyNot(one, rule, { objects, leavers, now }) === undefined);
  return { ratio: covered.length === 0 ? 0 : (found.length * 100) / covered.length, covered: covered.length };
}

/** Closed for a while, or another rule's. */
function isSpoken({ spec, status }: RemovalCandidate, rule: string): boolean {
  return spec.subject.ruleRef.name !== rule || status?.state?.startsWith('Closed') === true;
}
