import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../../test/support/parse-csv.ts';
import { aWorkbench, aWorkbenchContract, aWorkbenchModel, aWorkbenchProfile } from '../../../test/support/workbench-fixtures.ts';
import { aFullWorkbench, aHostileWorkbench } from '../../../test/support/workbench-scenes.ts';
import type { Workbench, WorkbenchContract } from '../../licensing/position/workbench.ts';
import { focusColumns, renderFocus } from './render-focus.ts';

type Row = Record<(typeof focusColumns)[number], string>;

function rowsOf(workbench: Workbench): Row[] {
  const [header, ...rows] = parseCsv(renderFocus(workbench));
  expect(header).toEqual([...focusColumns]);
  return rows.map((row) => {
    expect(row).toHaveLength(focusColumns.length);
    return Object.fromEntries(focusColumns.map((column, index) => [column, row[index]])) as Row;
  });
}

/** What FOCUS 1.2 says of each column: its values, and whether it may be null. */
const decimal = /^-?\d+(?:\.\d+)?$/;
const amount = /^\d+(?:\.\d+)?$/;
const moment = /^\d{4}-\d{2}-\d{2}T00:00:00Z$/;
const text = /\S/;
const orNull = (pattern: RegExp): RegExp => new RegExp(`^$|${pattern.source}`, 's');
const unit = /^[A-Z][a-z]+-(?:Months|Years)$/;
const rules: Readonly<Record<keyof Row, RegExp>> = {
  BilledCost: decimal,
  BillingAccountId: text,
  BillingAccountName: orNull(text),
  BillingCurrency: /^[A-Z]{3}$/,
  BillingPeriodEnd: moment,
  BillingPeriodStart: moment,
  ChargeCategory: /^(?:Usage|Purchase)$/,
  ChargeClass: /^$/,
  ChargeDescription: text,
  ChargeFrequency: /^(?:One-Time|Recurring)$/,
  ChargePeriodEnd: moment,
  ChargePeriodStart: moment,
  ConsumedQuantity: orNull(decimal),
  ConsumedUnit: orNull(unit),
  ContractedCost: decimal,
  ContractedUnitPrice: amount,
  EffectiveCost: decimal,
  InvoiceIssuerName: text,
  ListCost: decimal,
  ListUnitPrice: amount,
  PricingCategory: /^Standard$/,
  PricingQuantity: decimal,
  PricingUnit: unit,
  ProviderName: text,
  PublisherName: text,
  ResourceId: text,
  ResourceName: orNull(text),
  ResourceType: text,
  ServiceCategory: /^Business Applications$/,
  ServiceName: text,
  SkuId: text,
  SkuPriceId: text,
  SubAccountId: /^$/,
  SubAccountName: /^$/,
  Tags: orNull(/^\{.*\}$/),
  x_CostCenter: orNull(text),
  x_Model: text,
};

/** The rules that concern several columns of a row. */
function checkRow(row: Row): void {
  for (const column of focusColumns) expect(row[column], column).toMatch(rules[column]);
  const isUsage = row.ChargeCategory === 'Usage';
  expect(row.ConsumedQuantity === '').toBe(!isUsage);
  expect(row.ConsumedUnit === '').toBe(!isUsage);
  expect(Number(row.PricingQuantity) * Number(row.ContractedUnitPrice)).toBeCloseTo(Number(row.ContractedCost), 2);
  expect(Number(row.PricingQuantity) * Number(row.ListUnitPrice)).toBeCloseTo(Number(row.ListCost), 2);
  expect(row.ChargePeriodStart < row.ChargePeriodEnd).toBe(true);
  expect(row.BillingPeriodStart < row.BillingPeriodEnd).toBe(true);
  if (row.Tags !== '') expect(Object.values(JSON.parse(row.Tags) as object).every((value) => typeof value === 'string')).toBe(true);
}

function withContract(contract: Partial<WorkbenchContract>, at = '2026-11-24T06:00:00Z'): Workbench {
  const models = [aWorkbenchModel({ name: 'pagerduty-professional', edition: 'Professional', owned: 100, active: 90 })];
  return aWorkbench({ at, profiles: [aWorkbenchProfile({ name: 'acme', displayName: 'PagerDuty Integration', models })], contracts: [aWorkbenchContract(contract)] });
}

const yearly = { price: { amountMinor: 50_400, currency: 'EUR', period: 'Year' as const }, rights: 25, start: '2026-11-15', end: '2027-11-14' };

describe('the workbench as FOCUS rows', () => {
  it.each([
    ['everything', aFullWorkbench()],
    ['hostile names', aHostileWorkbench()],
    ['a price of nothing', withContract({ price: { amountMinor: 0, currency: 'JPY', period: 'Month' } })],
    ['a model that is gone', withContract({ model: 'gone' })],
    ['the highest price', withContract({ rights: 3, price: { amountMinor: 9_999_999_999, currency: 'USD', period: 'Year' }, start: '2026-11-17', end: '2026-11-23' })],
  ])('D14: keeps the rules of FOCUS 1.2 in every row: %s', (_, workbench) => {
    const rows = rowsOf(workbench);
    expect(rows.length).toBeGreaterThan(0);
    rows.forEach(checkRow);
  });

  it('D14: quotes texts and leaves costs and quantities bare', () => {
    const [, first] = renderFocus(withContract({ costCenter: '100' })).split('\r\n');
    expect(first).toMatch(/^0\.00,"acme",/);
    expect(first).toMatch(/,"100","pagerduty-professional"$/);
    expect(first).toContain(',4100.00,');
  });

  it('D14: bills nothing in a later month of a prepaid contract, whose days still cost', () => {
    const [row, ...others] = rowsOf(withContract({ costCenter: 'CC-100' }));
    expect(others).toEqual([]);
    const charge = { ChargeCategory: 'Usage', ChargeFrequency: 'Recurring', BilledCost: '0.00', EffectiveCost: '4100.00' };
    const price = { ContractedUnitPrice: '41.00', PricingQuantity: '100', PricingUnit: 'Right-Months' };
    const account = { BillingPeriodStart: '2026-11-01T00:00:00Z', BillingPeriodEnd: '2026-12-01T00:00:00Z', BillingAccountId: 'acme', BillingAccountName: 'PagerDuty Integration' };
    const resource = { ResourceId: 'saas-licenses/pagerduty-2026', ResourceName: 'PagerDuty Professional', Tags: '{"cost_center":"CC-100"}', x_CostCenter: 'CC-100', x_Model: 'pagerduty-professional' };
    expect(row).toMatchObject({ ...charge, ...price, ...account, ...resource });
  });

  it('D14: bills the whole term in the month in which a prepaid contract starts, beside the share of the month', () => {
    const [purchase, share, ...others] = rowsOf(withContract(yearly));
    expect(others).toEqual([]);
    expect(purchase).toMatchObject({ ChargeCategory: 'Purchase', ChargeFrequency: 'One-Time', BilledCost: '12600.00', EffectiveCost: '0.00', ChargePeriodStart: '2026-11-15T00:00:00Z', ChargePeriodEnd: '2027-11-15T00:00:00Z', PricingQuantity: '25', PricingUnit: 'Right-Years' });
    // 16 of the 365 days of 12,600.00.
    expect(share).toMatchObject({ ChargeCategory: 'Usage', BilledCost: '0.00', EffectiveCost: '552.33', ChargePeriodStart: '2026-11-15T00:00:00Z', ChargePeriodEnd: '2026-12-01T00:00:00Z' });
  });

  it('D9: over the months of a term, what is billed is what has an effect, to the cent', () => {
    const months = Array.from({ length: 13 }, (_, index) => new Date(Date.UTC(2026, 10 + index, 9)).toISOString());
    const rows = months.flatMap((at) => rowsOf(withContract(yearly, at)));
    const sum = (column: 'BilledCost' | 'EffectiveCost'): number => rows.reduce((all, row) => all + Math.round(Number(row[column]) * 100), 0);
    expect(rows).toHaveLength(14);
    expect([sum('BilledCost'), sum('EffectiveCost')]).toEqual([1_260_000, 1_260_000]);
  });

  it('C21: bills a contract by the month’s peak month by month', () => {
    const [row] = rowsOf(withContract({ billing: 'MonthlyPeak', end: '2026-11-15' }));
    expect(row).toMatchObject({ ChargeCategory: 'Purchase', ChargeFrequency: 'Recurring', BilledCost: '2050.00', EffectiveCost: '2050.00', PricingQuantity: '50', ChargePeriodEnd: '2026-11-16T00:00:00Z' });
  });

  it('has no row for a contract that is not in force in the month', () => {
    expect(rowsOf(withContract({ start: '2026-12-01', end: '2027-11-30' }))).toEqual([]);
    expect(rowsOf(withContract({ start: '2025-11-01', end: '2026-10-31' }))).toEqual([]);
  });

  it('takes the month of UTC', () => {
    expect(rowsOf(withContract({}, '2026-12-01T00:30:00+02:00'))[0]?.BillingPeriodStart).toBe('2026-11-01T00:00:00Z');
  });
});
