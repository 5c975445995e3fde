import { formatDecimal, formatMoney } from '../../licensing/position/amounts.ts';
import { addDays, dayOf, lastDayOfMonth, monthOf } from '../../licensing/position/calendar.ts';
import { costBetween } from '../../licensing/position/contracts.ts';
import type { Contract, Day } from '../../licensing/position/facts.ts';
import type { Workbench } from '../../licensing/position/workbench.ts';
import { renderCsvLines, type Cell, type Decimal } from './csv.ts';
import { nameModel } from './figures.ts';

/** Columns of FOCUS 1.2 that are shown, then ours. Each is there in every row; a null is an empty cell. */
export const focusColumns = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'ContractedUnitPrice',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'ListUnitPrice',
  'PricingCategory',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'ResourceId',
  'ResourceName',
  'ResourceType',
  'ServiceCategory',
  'ServiceName',
  'SkuId',
  'SkuPriceId',
  'SubAccountId',
  'SubAccountName',
  'Tags',
  'x_CostCenter',
  'x_Model',
] as const;
type FocusRow = Readonly<Record<(typeof focusColumns)[number], Cell>>;

interface Charge {
  readonly category: 'Purchase' | 'Usage';
  readonly frequency: 'One-Time' | 'Recurring';
  readonly description: string;
  /** Inclusive. */
  readonly first: Day;
  readonly last: Day;
  readonly costMinor: bigint;
  readonly billedMinor: bigint;
  readonly effectiveMinor: bigint;
}

/**
 * Charges of the calendar month of `at` (UTC) as FOCUS 1.2 (D14): a row for each contract that is in force in it, with the
 * cost of its days (`EffectiveCost`). A prepaid contract has a second row in the month in which it starts: the purchase of
 * the whole term, which is billed at once and has no effect by itself; its other rows bill nothing. No invoice is read: what
 * is billed is what the contract says. No list price is known either: the columns repeat the contracted one.
 */
export function renderFocus(workbench: Workbench): string {
  const start = `${monthOf(dayOf(Date.parse(workbench.at)))}-01`;
  const end = lastDayOfMonth(monthOf(start));
  const rows = workbench.contracts.flatMap((contract) => chargesOf(contract, start, end).map((charge) => rowOf(workbench, contract, charge)));
  return renderCsvLines(
    focusColumns,
    rows.map((row) => focusColumns.map((column) => row[column])),
  );
}

function chargesOf(contract: Contract, monthStart: Day, monthEnd: Day): Charge[] {
  const first = contract.start > monthStart ? contract.start : monthStart;
  const last = contract.end !== undefined && contract.end < monthEnd ? contract.end : monthEnd;
  if (last < first) return [];
  const costMinor = costBetween(contract, first, last);
  const month = { first, last, costMinor, effectiveMinor: costMinor };
  const isPrepaid = contract.billing === 'AnnualCommit' && contract.end !== undefined;
  if (!isPrepaid) return [{ ...month, category: 'Purchase', frequency: 'Recurring', description: 'Rights held in the month', billedMinor: costMinor }];
  const share: Charge = { ...month, category: 'Usage', frequency: 'Recurring', description: 'Share of prepaid rights', billedMinor: 0n };
  if (monthOf(contract.start) !== monthOf(monthStart)) return [share];
  const term = { first: contract.start, last: contract.end, costMinor: costBetween(contract, contract.start, contract.end) };
  return [{ ...term, category: 'Purchase', frequency: 'One-Time', description: 'Purchase of rights for the term', billedMinor: term.costMinor, effectiveMinor: 0n }, share];
}

function rowOf(workbench: Workbench, contract: Contract, charge: Charge): FocusRow {
  const { currency } = contract.price;
  const month = monthOf(dayOf(Date.parse(workbench.at)));
  const decimal = (amount: bigint): Decimal => ({ decimal: formatDecimal({ amountMinor: Number(amount), currency }) });
  const cost = decimal(charge.costMinor);
  return {
    ...namesOf(workbench, contract),
    ...pricingOf(contract, charge),
    BilledCost: decimal(charge.billedMinor),
    BillingCurrency: currency,
    BillingPeriodStart: startOf(`${month}-01`),
    BillingPeriodEnd: startOf(addDays(lastDayOfMonth(month), 1)),
    ChargeCategory: charge.category,
    // Only a correction of what was invoiced before has a class.
    ChargeClass: undefined,
    ChargeDescription: `${charge.description}: ${String(contract.rights)} × ${formatMoney(contract.price)} a ${contract.price.period.toLowerCase()}`,
    ChargeFrequency: charge.frequency,
    ChargePeriodStart: startOf(charge.first),
    ChargePeriodEnd: startOf(addDays(charge.last, 1)),
    ContractedCost: cost,
    EffectiveCost: decimal(charge.effectiveMinor),
    ListCost: cost,
    Tags: contract.costCenter === undefined ? undefined : JSON.stringify({ cost_center: contract.costCenter }),
    x_CostCenter: contract.costCenter,
    x_Model: contract.model,
  };
}

/** FOCUS bounds: the first moment of a day; an end is the first moment that is no longer in. */
const startOf = (day: Day): string => `${day}T00:00:00Z`;

type NameColumn = 'BillingAccountId' | 'BillingAccountName' | 'InvoiceIssuerName' | 'ProviderName' | 'PublisherName' | 'ResourceId' | 'ResourceName' | 'ResourceType' | 'ServiceCategory' | 'ServiceName' | 'SkuId' | 'SubAccountId' | 'SubAccountName';

/** A contract whose model is gone keeps its cost: the names, which may not be null, then are the model's own. */
function namesOf({ namespace, profiles }: Workbench, contract: Contract): Pick<FocusRow, NameColumn> {
  const profile = profiles.find(({ models }) => models.some(({ model }) => model === contract.model));
  const model = profile?.models.find((one) => one.model === contract.model);
  const publisher = model?.publisher ?? contract.model;
  return {
    BillingAccountId: profile?.name ?? namespace,
    BillingAccountName: profile?.displayName,
    InvoiceIssuerName: publisher,
    ProviderName: publisher,
    PublisherName: publisher,
    ResourceId: `${namespace}/${contract.name}`,
    ResourceName: model === undefined ? undefined : nameModel(model),
    ResourceType: 'Software Entitlement',
    ServiceCategory: 'Business Applications',
    ServiceName: model?.product ?? contract.model,
    SkuId: contract.model,
    // An account at the vendor is a billing account of its own.
    SubAccountId: undefined,
    SubAccountName: undefined,
  };
}

type PricingColumn = 'ConsumedQuantity' | 'ConsumedUnit' | 'ContractedUnitPrice' | 'ListUnitPrice' | 'PricingCategory' | 'PricingQuantity' | 'PricingUnit' | 'SkuPriceId';

/** FOCUS wants price × quantity to be the cost, so the quantity is in right-months or right-years: 100 rights for half a month are 50. */
function pricingOf({ price, rights, model }: Contract, { category, costMinor }: Charge): Pick<FocusRow, PricingColumn> {
  const unit = `Right-${price.period}s`;
  const quantity = { decimal: price.amountMinor === 0 ? String(rights) : divideToText(costMinor, BigInt(price.amountMinor)) };
  const unitPrice = { decimal: formatDecimal(price) };
  return {
    // Only of usage is anything consumed.
    ConsumedQuantity: category === 'Usage' ? quantity : undefined,
    ConsumedUnit: category === 'Usage' ? unit : undefined,
    ContractedUnitPrice: unitPrice,
    ListUnitPrice: unitPrice,
    PricingCategory: 'Standard',
    PricingQuantity: quantity,
    PricingUnit: unit,
    SkuPriceId: `${model}/${unitPrice.decimal}-${price.currency}-${price.period}`,
  };
}

/** Digits after the point that give the cost to the minor unit back for every price that an entitlement can have. */
const quantityDigits = 12;

/** The quotient as decimal text without needless zeros, rounded half up. */
function divideToText(numerator: bigint, denominator: bigint): string {
  const scale = 10n ** BigInt(quantityDigits);
  const scaled = (numerator * scale * 2n + denominator) / (denominator * 2n);
  const fraction = String(scaled % scale).padStart(quantityDigits, '0').replace(/0+$/, '');
  return fraction === '' ? String(scaled / scale) : `${String(scaled / scale)}.${fraction}`;
}
