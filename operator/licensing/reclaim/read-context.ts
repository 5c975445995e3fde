import type { IntegrationProfile, SignalResult } from '../../api/integration-profile.ts';
import type { RoleGroup } from '../../api/software-subscription.ts';
import type { Watch } from '../position/facts.ts';
import { commonWatch, toMs, usableSignals } from '../position/read-objects.ts';
import type { EvidenceInput } from './evidence-input.ts';
import type { Hold, SignalWatch } from './facts.ts';
import { findHold } from './holds.ts';

export type { EvidenceInput } from './evidence-input.ts';

/** The evidence of a rule. */
export interface RuleEvidence {
  /** By role group; none where the evidence is not to be trusted now. */
  readonly watches: ReadonlyMap<RoleGroup, SignalWatch>;
  /** Why nothing may be judged by it, if so: no candidates are made, and none is reclaimed. */
  readonly hold: Hold | undefined;
}

/**
 * The evidence that a rule judges by: for each role group the window in which all of the rule's signals that see it have
 * watched without a gap. Each of them must be enabled on the profile, have been available in the last run, and be of
 * the same account as the people; else nobody of the group is judged (T3, guard 6).
 * @param now milliseconds since the epoch.
 */
export function readEvidence(input: EvidenceInput, now: number): RuleEvidence {
  const watches = input.profile === undefined ? new Map<RoleGroup, SignalWatch>() : readWatches(input.profile, input, now);
  const found = findHold({ ...input, watches, now });
  return { watches: found?.isBlind === true ? new Map() : watches, hold: found?.hold };
}

function readWatches(profile: IntegrationProfile, { signals, rule }: EvidenceInput, now: number): Map<RoleGroup, SignalWatch> {
  const available = usableSignals(profile).filter((result) => result.available && profile.spec.activitySignals.includes(result.name));
  const wished = rule.spec.activitySignals ?? profile.spec.activitySignals;
  const watches = new Map<RoleGroup, SignalWatch>();
  for (const roleGroup of rule.spec.licenseRoleGroups) {
    const names = signals.filter(({ name, sees }) => wished.includes(name) && sees.includes(roleGroup)).map(({ name }) => name);
    const watch = names.length === 0 ? undefined : windowOf(names, available, now);
    if (watch !== undefined) watches.set(roleGroup, { ...watch, signals: names.toSorted() });
  }
  return watches;
}

/** However old it is: that holds the run, with a reason of its own. */
function windowOf(names: readonly string[], results: readonly SignalResult[], now: number): Watch | undefined {
  const ends = results.filter(({ name }) => names.includes(name)).map(({ to }) => toMs(to) ?? now);
  return commonWatch(names, results, Math.min(now, ...ends));
}
