import { readEvidence } from '../../licensing/reclaim/read-context.ts';
import { toRuleFacts } from './context.ts';
import { mostLeavers } from './gather.ts';
import type { Evidence, RuleScene } from './input.ts';

/** The evidence of the rule now, and why it must not be judged by. A list of leavers that cannot be read must not pass for an empty one. */
export function findEvidence(scene: RuleScene, now: number): Evidence {
  const { profile, provider, isRefreshing, isHalfWritten, rule, leavers } = scene;
  const evidence = readEvidence({ profile, signals: provider?.signals ?? [], rule: toRuleFacts(scene), refreshing: isRefreshing, halfWritten: isHalfWritten }, now);
  if (evidence.hold !== undefined || leavers !== undefined) return evidence;
  const message = `Secret ${rule.spec.leaversRef?.name ?? ''} (spec.leaversRef) does not exist, has no key ${rule.spec.leaversRef?.key ?? ''}, or holds more than ${mostLeavers} addresses: correct the Secret, or remove spec.leaversRef.`;
  return { ...evidence, hold: { reason: 'LeaversUnreadable', message, needsPerson: true } };
}
