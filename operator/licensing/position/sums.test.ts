import { describe, expect, it } from 'vitest';
import type { ComplianceState, MoneyFigures, PositionCounts } from '../../api/license-position.ts';
import { countAges, countRights, createModelCount } from './persons.ts';
import { sumModels, sumProfiles, type SummedModel } from './sums.ts';

function model(product: string, compliance: ComplianceState, change: Partial<PositionCounts> & { readonly money?: MoneyFigures[] } = {}): SummedModel {
  const empty = createModelCount();
  const rest = { time: '2026-11-24T09:00:00.000Z', thresholdDays: 60, unusedPercent: 0, ages: countAges(empty, 0) };
  return { product, position: { ...countRights(empty, 0), ...rest, compliance, ...change } };
}

const states = (...models: readonly SummedModel[]) => sumModels(models).products?.map(({ product, compliance }) => `${product} ${compliance}`);

describe('the sum of models', () => {
  it('L34: products add up their models; rights for one licence do not cover another', () => {
    const sum = sumModels([
      model('PagerDuty', 'NonCompliant', { owned: 10, used: 12, needed: 2 }),
      model('PagerDuty', 'Compliant', { owned: 20, used: 5, available: 15 }),
      model('Other', 'Compliant', { owned: 1, used: 1 }),
    ]);
    expect(sum).toMatchObject({ models: 3, compliance: 'NonCompliant', owned: 31, used: 18, needed: 2, available: 15 });
    expect(sum.products).toEqual([
      { product: 'PagerDuty', compliance: 'NonCompliant', owned: 30, used: 17, needed: 2, available: 15 },
      { product: 'Other', compliance: 'Compliant', owned: 1, used: 1, needed: 0, available: 0 },
    ]);
  });

  it('L31: a product is not compliant although each entitlement is, when a licence without any is used', () => {
    const bought = model('P', 'Compliant', { owned: 5, used: 5 });
    expect(states(bought, model('P', 'NoEntitlement', { used: 1, needed: 1 }))).toEqual(['P NonCompliant']);
    expect(states(bought, model('P', 'NoEntitlement'))).toEqual(['P Compliant']);
    expect(states(model('P', 'NoEntitlement', { used: 1, needed: 1 }))).toEqual(['P NoEntitlement']);
    expect(states(bought, model('Q', 'NoEntitlement', { used: 1, needed: 1 }))).toEqual(['Q NoEntitlement', 'P Compliant']);
  });

  it('L31: a profile is as bad as its worst product, and without models there is nothing to compare', () => {
    const compliances = (...models: readonly SummedModel[]) => sumModels(models).compliance;
    expect(compliances()).toBe('NoEntitlement');
    expect(compliances(model('P', 'Compliant'))).toBe('Compliant');
    expect(compliances(model('P', 'Compliant'), model('Q', 'NoEntitlement'))).toBe('NoEntitlement');
    expect(compliances(model('P', 'NonCompliant'), model('Q', 'NoEntitlement'))).toBe('NonCompliant');
  });

  it('D9: money adds up by currency; an average does not, and what is known nowhere stays out', () => {
    const usd = { currency: 'USD', annualCost: 500, averageUnitCost: 50, potentialSavings: 100 };
    const sum = sumModels([
      model('P', 'Compliant', { money: [usd] }),
      model('P', 'Compliant', { money: [{ currency: 'EUR', annualCost: 7 }, { currency: 'USD', annualCost: 1, potentialSavings: 2, trueUpCost: 3 }] }),
      model('P', 'Compliant'),
    ]);
    expect(sum.money).toEqual([{ currency: 'EUR', annualCost: 7 }, { currency: 'USD', annualCost: 501, potentialSavings: 102, trueUpCost: 3 }]);
    expect(sum.display).toEqual({ annualCost: 'EUR 0.07 + USD 5.01', potentialSavings: 'USD 1.02', trueUpCost: 'USD 0.03' });
    expect(sumModels([model('P', 'Compliant', { money: [usd] })]).money?.[0]).not.toHaveProperty('averageUnitCost');
  });

  it('D9: a sum that a number does not hold exactly is refused', () => {
    const money = [{ currency: 'USD', annualCost: 9_000_000_000_000_000 }];
    expect(() => sumModels([model('P', 'Compliant', { money }), model('P', 'Compliant', { money })])).toThrow('exceeds');
  });
});

describe('the sum of profiles', () => {
  it('S83: a draft without models does not make the others look worse', () => {
    const profile = { ...sumModels([model('P', 'Compliant', { owned: 2, used: 1, money: [{ currency: 'USD', annualCost: 5 }] })]), unrecognized: 2 };
    const draft = { ...sumModels([]), unrecognized: 1 };
    expect(sumProfiles([profile, draft, profile])).toMatchObject({ compliance: 'Compliant', owned: 4, used: 2, unrecognized: 5, money: [{ currency: 'USD', annualCost: 10 }] });
    expect(sumProfiles([])).toMatchObject({ compliance: 'NoEntitlement', used: 0, unrecognized: 0, money: [] });
  });
});
