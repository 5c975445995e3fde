import type { IntegrationProfile } from '../../../operator/api/integration-profile.ts';
import type { ReclamationRule } from '../../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../../operator/api/removal-candidate.ts';
import type { World } from '../world.ts';
import type { Witness } from '../witness.ts';
import { slackMs } from './objects.ts';

const hourMs = 3_600_000;

/** Whether it may have been carried out, as far as anybody can tell from the answer. */
function mayBeCarried({ entry }: Witness): boolean {
  if (entry === undefined) return true;
  const isClear = entry.status >= 400 && entry.status < 500 && entry.status !== 408;
  return !isClear || entry.outcome === 'done' || (entry.fault !== undefined && entry.fault !== 'status');
}

/** Guard 4: never a second write that somebody has not asked for after the first was read back; and never two at a time. All copies of a candidate are one. */
export function findDoubles(world: World, writes: readonly Witness[]): string[] {
  const found: string[] = [];
  if (world.witnesses.some(({ others }) => others > 0)) found.push('Overlap');
  for (const [index, second] of writes.entries()) {
    const first = writes.slice(0, index).findLast((one) => originOf(one) === originOf(second) && mayBeCarried(one));
    if (first !== undefined && !isResumed(world, first, second)) found.push('SecondWrite');
  }
  return found;
}

function candidateOf({ objects, candidate }: Witness): RemovalCandidate | undefined {
  return objects.candidates.find(({ metadata }) => metadata.name === candidate);
}

function originOf(seen: Witness): string {
  return candidateOf(seen)?.spec.origin?.id ?? seen.candidate;
}

/** What people are told of an attempt that nobody knows the end of. */
const unclear: ReadonlySet<string> = new Set(['OutcomeUnclear', 'StatusLost']);

/** Somebody who was told that it is not known what became of the first, after it was read back, asked for another. */
function isResumed({ simulator }: World, first: Witness, second: Witness): boolean {
  const reads = simulator.journal.list({ method: 'GET', route: '/users/{id}', person: first.person });
  const own = first.isLate === true ? 0 : 1;
  return second.decided.some(({ origin, verdict, journalEnd, reason }) => {
    const isAsked = origin === originOf(second) && (verdict === 'ResumeReclaim' || verdict === 'Reclaim') && unclear.has(reason);
    return isAsked && reads.some(({ number }) => number > first.journalEnd + own && number <= journalEnd);
  });
}

/** Guard 5: people for whom something was sent within the period that ends with this write. */
export function isOverBudget(rule: ReclamationRule, { writes, last }: { writes: readonly Witness[]; last: Witness }): boolean {
  const { limits, evaluationPeriodHours } = rule.spec;
  const covered = last.evaluated.get(rule.metadata.name)?.covered ?? 0;
  const allowed = Math.min(limits.maxPerRun, Math.floor((covered * limits.maxPercent) / 100));
  const since = last.at - evaluationPeriodHours * hourMs + slackMs;
  const people = new Set(writes.filter((one) => ruleOf(one) === rule.metadata.name && one.at > since && writes.indexOf(one) <= writes.indexOf(last)).map(({ person }) => person));
  return people.size > allowed;
}

/** Guard 5: the lower of two limits, of which the percentage lets one go at least. */
export function profileCap({ spec: { reclaimLimits }, status }: IntegrationProfile): number {
  const share = Math.floor(((status?.subscriptions?.total ?? 0) * reclaimLimits.maxPercentPerDay) / 100);
  return Math.min(reclaimLimits.maxPerDay, Math.max(share, 1));
}

/** Guard 5: people for whom something was sent within the 24 hours that end with this write, whatever the rule. */
export function findOverCaps({ accountCap }: World, profile: IntegrationProfile | undefined, { writes, last }: { writes: readonly Witness[]; last: Witness }): string[] {
  const since = last.at - 24 * hourMs + slackMs;
  const people = new Set(writes.filter((one) => one.at > since && writes.indexOf(one) <= writes.indexOf(last)).map(({ person }) => person));
  return [...(profile !== undefined && people.size > profileCap(profile) ? ['OverProfileCap'] : []), ...(people.size > accountCap ? ['OverAccountCap'] : [])];
}

function ruleOf(seen: Witness): string | undefined {
  return candidateOf(seen)?.spec.subject.ruleRef.name;
}
