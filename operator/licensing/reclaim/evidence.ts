import { compact } from '../../api/compact.ts';
import type { CandidateEvidence } from '../../api/removal-candidate-status.ts';
import type { JudgeContext, ReclaimSeat } from './facts.ts';
import type { Finding } from './scene.ts';
import { isThreshold } from './threshold.ts';

const dayMs = 86_400_000;

interface Window {
  readonly from: number;
  readonly to: number;
}

/** The evidence of a candidate (D15): what was seen, by whom, how sure that is, and what would change it. No addresses. */
export function explain(seat: ReclaimSeat, { now }: JudgeContext, finding: Finding): CandidateEvidence {
  const { watch, last } = finding;
  const window = windowOf(seat, watch, now);
  return {
    thresholdDays: finding.thresholdDays,
    windowFrom: toTime(window.from),
    windowTo: toTime(window.to),
    ...(last === undefined ? {} : describeLast(last, window.to)),
    ...compact({
      signals: nonEmpty(watch?.signals ?? []),
      confidencePercent: finding.justification === 'Leaver' || watch === undefined ? undefined : judgeConfidence(finding, window),
      missing: nonEmpty(findMissing(seat, finding, window)),
      savedBy: nonEmpty(findSaving(finding)),
    }),
  };
}

/** In which this person was watched without a gap; of no length where nobody watched. */
function windowOf({ evidenceFrom }: ReclaimSeat, watch: Finding['watch'], now: number): Window {
  const to = watch?.to ?? now;
  return { from: watch === undefined ? to : Math.min(to, Math.max(watch.from, evidenceFrom ?? to)), to };
}

function describeLast({ at, signal = 'Unknown' }: NonNullable<Finding['last']>, to: number): Pick<CandidateEvidence, 'lastActivity' | 'inactiveDays'> {
  return { lastActivity: { time: toTime(at), signal }, inactiveDays: Math.max(0, Math.floor((to - at) / dayMs)) };
}

/** Of one to eight signals: the least confidence, from which the next step is what silence and window can add at most. */
const steps = [40, 60, 75, 85, 90, 93, 95, 97, 98] as const;

/**
 * How sure the evidence is, in percent (D15). The number of signals that watch gives a step, and within the step half
 * comes from how far the silence exceeds the threshold, up to twice that long, and half from how far the window does.
 * As a step never reaches beyond the next, a signal less never makes it surer, though then less activity is seen and the common
 * window may be longer.
 */
export function judgeConfidence({ watch, thresholdDays, last }: Finding, window: Window): number {
  const count = Math.min(watch?.signals.length ?? 0, steps.length - 1);
  if (count === 0) return 0;
  const [least = 0, most = 0] = steps.slice(count - 1, count + 1);
  const windowDays = (window.to - window.from) / dayMs;
  const silentDays = last === undefined ? windowDays : (window.to - last.at) / dayMs;
  return least + Math.floor(((most - least) * (excess(silentDays, thresholdDays) + excess(windowDays, thresholdDays))) / 2);
}

/** From 0 at the threshold to 1 at twice as much. */
function excess(days: number, thresholdDays: number): number {
  return Math.min(1, Math.max(0, (days - thresholdDays) / Math.max(1, thresholdDays)));
}

function findMissing(seat: ReclaimSeat, { justification, watch, last, thresholdDays }: Finding, window: Window): string[] {
  if (watch === undefined) return ['No signal of the rule watches this person without a gap.'];
  if (justification === 'Leaver') return [];
  const [only, ...others] = watch.signals;
  const days = Math.floor((window.to - window.from) / dayMs);
  return [
    ...(only !== undefined && others.length === 0 ? [`Only ${only} watches this person: use of another kind is not seen.`] : []),
    ...(last === undefined && days < 2 * thresholdDays ? [`The evidence reaches back ${days} days: activity before that is not known.`] : []),
    ...(seat.assignedAt === undefined ? ['The vendor does not tell when the licence was assigned.'] : []),
  ];
}

const excluded = 'A SubscriptionExclusion for this person.';

function findSaving(finding: Finding): string[] {
  if (finding.justification === 'Leaver') return ['Being taken from the list of spec.leaversRef.', excluded];
  const signals = finding.watch?.signals ?? [];
  const seen = signals.length > 0 ? [`Any activity that ${signals.join(' or ')} sees.`.slice(0, 256)] : [];
  const own = finding.justification === 'NeverAccepted' ? ['Accepting the invitation.', ...seen] : [...seen, ...findLongerThreshold(finding)];
  return [...own, excluded];
}

/** The least threshold within which the last activity would lie. */
function findLongerThreshold({ watch, last }: Finding): string[] {
  const days = last === undefined || watch === undefined ? 0 : Math.ceil((watch.to - last.at) / dayMs);
  return isThreshold(days) ? [`A threshold of ${days} days or more.`] : [];
}

function nonEmpty(values: readonly string[]): string[] | undefined {
  return values.length === 0 ? undefined : [...values];
}

function toTime(at: number): string {
  return new Date(at).toISOString();
}
