import type { ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import type { Money } from '../../api/money.ts';
import type { SoftwareModel } from '../../api/software-model.ts';
import { annualAmount, toMinor } from '../position/amounts.ts';

/**
 * What reclaiming one subscription would save in a year: the average price of its licence, less that of the licence which a
 * Downgrade leaves the person with; never less than nothing. Undefined where one of the two is not known as a
 * single price in the same currency: rather no figure than one that promises too much (D9).
 * @param models of the profile; where several claim an identifier, the first by name counts, as in the position.
 */
export function savingOf(identifier: string, models: readonly SoftwareModel[], downgradeTo: ReclamationRuleSpec['downgradeTo']): Money | undefined {
  const before = priceOf(identifier, models);
  if (before === undefined || downgradeTo === undefined) return before;
  const after = downgradeTo.subscriptionIdentifier === undefined ? undefined : priceOf(downgradeTo.subscriptionIdentifier, models);
  if (after === undefined || after.currency !== before.currency) return undefined;
  return { amountMinor: Math.max(0, before.amountMinor - after.amountMinor), currency: before.currency };
}

/** A year of one right, in its currency. */
function priceOf(identifier: string, models: readonly SoftwareModel[]): Money | undefined {
  const claiming = models.filter(({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec.subscriptionIdentifiers.includes(identifier));
  const [model] = claiming.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  if (model === undefined) return undefined;
  const { position } = model.status ?? {};
  if (position === undefined) return listPrice(model);
  const averages = (position.money ?? []).flatMap(({ currency, averageUnitCost }) => (averageUnitCost === undefined ? [] : [{ amountMinor: averageUnitCost, currency }]));
  return averages.length === 1 ? averages[0] : undefined;
}

/** Before the first reconciliation. */
function listPrice({ spec }: SoftwareModel): Money | undefined {
  return spec.unitPrice === undefined ? undefined : { amountMinor: toMinor(annualAmount(spec.unitPrice, 1)), currency: spec.unitPrice.currency };
}
