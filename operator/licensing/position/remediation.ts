import type { ComplianceState, PositionCounts, RemediationOption } from '../../api/license-position.ts';
import type { AveragePrice } from './contracts.ts';
import { costOf } from './money-figures.ts';

export interface RemediationInput {
  readonly counts: PositionCounts;
  readonly compliance: ComplianceState;
  readonly price: AveragePrice | undefined;
  /** Rights of the contracts in force that have an end, and so a renewal. */
  readonly renewable: number;
}

type Option = Omit<RemediationOption, 'money'>;

/**
 * What can be done, with numbers (S85). `resolves` says whether the option alone leaves the model compliant.
 *
 * Rights are needed: buy them, take back unused ones, or, where those are too few, also take away some in use. Taking
 * back never makes a model compliant that has no entitlement: there is still nothing to compare with. Nothing is needed:
 * unused ones can be taken back, and at a renewal fewer be bought, which stays compliant by itself only as far as those
 * are not assigned to anybody.
 *
 * Money is the average price of the quantity for a year: the true-up cost of a purchase, and what the others save or avoid.
 */
export function decideRemediation({ counts, compliance, price, renewable }: RemediationInput): RemediationOption[] {
  const options = counts.needed > 0 ? coverNeed(counts, compliance) : reduceRights(counts, compliance, renewable);
  return options
    .filter(({ quantity }) => quantity > 0)
    .map((option) => (price === undefined ? option : { ...option, money: { currency: price.currency, amountMinor: costOf(price, option.quantity) } }));
}

function coverNeed({ needed, unused }: PositionCounts, compliance: ComplianceState): Option[] {
  const hasEntitlement = compliance !== 'NoEntitlement';
  return [
    { action: 'PurchaseRights', quantity: needed, resolves: true },
    { action: 'Reclaim', quantity: Math.min(unused, needed), resolves: hasEntitlement && unused >= needed },
    { action: 'RemoveAllocations', quantity: Math.max(0, needed - unused), resolves: hasEntitlement && unused === 0 },
  ];
}

function reduceRights({ available, unused }: PositionCounts, compliance: ComplianceState, renewable: number): Option[] {
  const isCompliant = compliance === 'Compliant';
  const fewer = isCompliant ? Math.min(available + unused, renewable) : 0;
  return [
    { action: 'Reclaim', quantity: unused, resolves: isCompliant },
    { action: 'ReduceAtRenewal', quantity: fewer, resolves: fewer <= available },
  ];
}
