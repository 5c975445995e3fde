import type { ComplianceState, LicensePosition, MonthlyPeak, PositionCounts } from '../../api/license-position.ts';
import { dayOf, monthOf } from './calendar.ts';
import { averagePrice, inForce, rightsOwned } from './contracts.ts';
import type { Contract, FreedRight, ModelFacts, ModelPosition, PositionInput } from './facts.ts';
import { breakDown } from './groups.ts';
import { displayOf, moneyOf } from './money-figures.ts';
import { countAges, countRights, type ModelCount } from './persons.ts';
import { decideRemediation } from './remediation.ts';
import { keptOf } from './renewal.ts';
import { splitFreed } from './savings.ts';

/** Months that a model remembers. */
const shownPeaks = 24;

export interface ModelScene {
  readonly model: ModelFacts;
  readonly count: ModelCount;
  /** Rights of the model that reclaims have freed. */
  readonly freed: readonly FreedRight[];
  readonly input: PositionInput;
}

/** The position of one licence product: rights owned compared with rights used (S84, L29–L31, L33). */
export function describeModel(scene: ModelScene): ModelPosition {
  const { model, count, input } = scene;
  const day = dayOf(input.now);
  const contracts = input.contracts.filter((contract) => contract.model === model.name);
  const counts = countRights(count, rightsOwned(contracts, day));
  const price = averagePrice(contracts, model.unitPrice, day);
  return {
    model: model.name,
    position: { ...counts, ...describeUse(scene, counts), ...describeMoney(scene, counts, contracts) },
    groups: breakDown({ persons: count.persons.values(), counts, contracts, day }),
    monthlyPeaks: mergePeaks(model.monthlyPeaks, { month: monthOf(day), used: counts.used, active: counts.active, kept: counts.used - counts.unused }),
    ...(price.kind === 'Price' ? {} : { priceProblem: price.kind }),
  };
}

/** At least as many rights owned as used is compliant, far more too; without a contract there is nothing to compare with (L31). */
export function judgeCompliance({ owned, used }: Pick<PositionCounts, 'owned' | 'used'>, hasEntitlement: boolean): ComplianceState {
  if (!hasEntitlement) return 'NoEntitlement';
  return owned >= used ? 'Compliant' : 'NonCompliant';
}

/** The stored peaks with the present figures; the most of a month counts, and the oldest months go. */
export function mergePeaks(stored: readonly MonthlyPeak[], present: MonthlyPeak): MonthlyPeak[] {
  const before = stored.find(({ month }) => month === present.month) ?? present;
  const peak = {
    month: present.month,
    used: Math.max(before.used, present.used),
    active: Math.max(before.active, present.active),
    kept: Math.max(keptOf(before), keptOf(present)),
  };
  const peaks = [...stored.filter(({ month }) => month !== present.month), peak];
  return peaks.toSorted((a, b) => (a.month < b.month ? -1 : 1)).slice(-shownPeaks);
}

type UseFigures = Pick<LicensePosition, 'time' | 'activityAsOf' | 'thresholdDays' | 'unusedPercent' | 'ages' | 'seatsAssigned' | 'seatsAvailable'>;

function describeUse({ model, count, input }: ModelScene, { used, unused }: PositionCounts): UseFigures {
  const asOf = input.watches.get(model.roleGroup)?.to;
  const { assigned, available } = model.seats ?? {};
  return {
    time: new Date(input.now).toISOString(),
    ...(asOf === undefined ? {} : { activityAsOf: new Date(asOf).toISOString() }),
    thresholdDays: model.thresholdDays,
    unusedPercent: used === 0 ? 0 : Math.floor((unused * 100) / used),
    ages: countAges(count, asOf ?? input.now),
    ...(assigned === undefined ? {} : { seatsAssigned: assigned }),
    ...(available === undefined ? {} : { seatsAvailable: available }),
  };
}

type MoneyPart = Pick<LicensePosition, 'compliance' | 'money' | 'display' | 'remediationOptions'>;

function describeMoney({ model, freed, input }: ModelScene, counts: PositionCounts, contracts: readonly Contract[]): MoneyPart {
  const day = dayOf(input.now);
  const current = inForce(contracts, day);
  const average = averagePrice(contracts, model.unitPrice, day);
  const price = average.kind === 'Price' ? average : undefined;
  const savings = splitFreed({ freed, contracts, fallback: model.unitPrice, now: input.now });
  const money = moneyOf({ counts, contracts, day, price, freed: savings });
  const compliance = judgeCompliance(counts, current.length > 0);
  const renewable = current.filter(({ end }) => end !== undefined).reduce((sum, { rights }) => sum + rights, 0);
  const options = decideRemediation({ counts, compliance, price, renewable });
  const display = displayOf(money);
  return {
    compliance,
    ...(money.length === 0 ? {} : { money }),
    ...(display === undefined ? {} : { display }),
    ...(options.length === 0 ? {} : { remediationOptions: options }),
  };
}
