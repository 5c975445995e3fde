import { defaultReconciliationHours, type IntegrationProfile } from '../../api/integration-profile.ts';
import type { SoftwareModel } from '../../api/software-model.ts';
import { startOfDay, dayOf } from '../../licensing/position/calendar.ts';
import { inForce, nextChange } from '../../licensing/position/contracts.ts';
import type { PositionInput } from '../../licensing/position/facts.ts';
import { isInForce, modelsOf, readPositionInput } from '../../licensing/position/read-objects.ts';
import { requestedAt } from '../connection-alias/decide-connect.ts';
import { hashOf } from '../hash.ts';
import type { PositionScene } from './input.ts';

/** Raised when the calculation changes, so that a new version calculates again what an older one stored. */
const calculation = 1;

const hourMs = 3_600_000;
/** How long to wait for a refresh that is writing, should its end go unseen. */
const refreshingMs = 60_000;

export type DueDecision =
  /** There is nothing to count before the first download. */
  | { readonly kind: 'NeverRefreshed' }
  /** What is stored is of two times: the next refresh that succeeds wakes us. */
  | { readonly kind: 'HalfRefreshed' }
  /** It was calculated just now: many edits in a row do not make the operator read for ever. */
  | { readonly kind: 'Resting'; readonly wakeAfterMs: number }
  | { readonly kind: 'Refreshing'; readonly wakeAfterMs: number }
  | { readonly kind: 'Due'; readonly wakeAfterMs: number }
  | { readonly kind: 'UpToDate'; readonly wakeAfterMs: number };

/**
 * Whether the position is to be calculated: when anything that it depends on has changed since, when somebody asked
 * (S82), when a day came on which rights begin or end, and weekly by default (S81). A pure function of what was read and now.
 */
export function decideDue(scene: PositionScene, now: number): DueDecision {
  const { profile } = scene;
  if (profile.status?.refresh?.subscriptions?.lastSuccessTime === undefined) return { kind: 'NeverRefreshed' };
  const periodMs = (profile.spec.reconciliation?.periodHours ?? defaultReconciliationHours) * hourMs;
  const restMs = restOfPeriod(profile, periodMs, now);
  const input = readInput(scene, now);
  const ends = boundaries(scene, input);
  if (restMs > 0 && isCurrent(scene, hashInputs(scene, input))) return { kind: 'UpToDate', wakeAfterMs: Math.min(restMs, ...ends) };
  const obstacle = findObstacle(scene, now);
  if (obstacle !== undefined) return obstacle;
  return { kind: 'Due', wakeAfterMs: Math.min(periodMs, ...ends) };
}

/** Milliseconds still to wait since the last calculation: half a one for each subscription, which is some three times what reading it takes. */
function pauseOf({ status }: IntegrationProfile, now: number): number {
  const { time = '', assigned = 0 } = status?.position ?? {};
  const since = now - Date.parse(time);
  return since >= 0 ? assigned / 2 - since : 0;
}

/** Whether every figure is there, made from what is there now; a model that could not be calculated meanwhile shows former ones. */
function isCurrent({ profile, models }: PositionScene, inputs: string): boolean {
  return profile.status?.position?.inputs === inputs && modelsOf(profile, models).every((model) => isCalculated(model, inputs));
}

function isCalculated({ status }: SoftwareModel, inputs: string): boolean {
  return status?.position?.inputs === inputs && (status.conditions ?? []).some(({ type, status: value }) => type === 'Calculated' && value === 'True');
}

/** Why it has to wait, though it is due. */
function findObstacle({ profile, isRefreshing, isHalfWritten }: PositionScene, now: number): DueDecision | undefined {
  if (isRefreshing) return { kind: 'Refreshing', wakeAfterMs: refreshingMs };
  if (isHalfWritten) return { kind: 'HalfRefreshed' };
  const pauseMs = pauseOf(profile, now);
  return pauseMs > 0 ? { kind: 'Resting', wakeAfterMs: pauseMs } : undefined;
}

/** Milliseconds for which the last reconciliation does; a clock that was ahead must not put the next one off. */
function restOfPeriod({ status }: IntegrationProfile, periodMs: number, now: number): number {
  const ends = Date.parse(status?.position?.time ?? '') + periodMs;
  return ends > now && ends <= now + periodMs ? ends - now : 0;
}

/** Milliseconds until a right begins or ends, and until an exclusion does. */
function boundaries({ exclusions }: PositionScene, { contracts, now }: PositionInput): number[] {
  const change = nextChange(contracts, dayOf(now));
  const ends = exclusions.filter((one) => isInForce(one, now) && one.spec.until !== undefined).map(({ spec }) => Date.parse(spec.until ?? '') - now);
  return [...ends, ...(change === undefined ? [] : [startOfDay(change) - now])].map((ms) => Math.max(1, ms));
}

/** A hash of all that the figures depend on. Results that feed back, such as peaks, are left out: they would never come to rest. */
export function inputsOf(scene: PositionScene, now: number): string {
  return hashInputs(scene, readInput(scene, now));
}

function hashInputs({ profile, models }: PositionScene, input: PositionInput): string {
  const { subscriptions, activity } = profile.status?.refresh ?? {};
  return hashOf([
    calculation,
    profile.metadata.uid,
    [subscriptions?.lastSuccessTime, activity?.lastSuccessTime],
    input.profile,
    [...input.watches],
    input.models.map(({ monthlyPeaks: _peaks, ...facts }) => facts),
    modelsOf(profile, models).map((model) => [model.metadata.uid, model.metadata.generation, requestedAt(model)]),
    [input.listed, input.listedAll],
    input.contracts,
    inForce(input.contracts, dayOf(input.now)).map(({ name }) => name),
    input.exclusions,
  ]);
}

/** Candidates are read only when it is due: what they freed comes in with the next refresh at the latest. */
function readInput(scene: PositionScene, now: number): PositionInput {
  return readPositionInput({ ...scene, candidates: [] }, now);
}
