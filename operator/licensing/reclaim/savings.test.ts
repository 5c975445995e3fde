import { describe, expect, it } from 'vitest';
import type { SoftwareModel } from '../../api/software-model.ts';
import { savingOf } from './savings.ts';

function model(name: string, identifiers: readonly string[], money: readonly object[] | undefined, spec: object = {}): SoftwareModel {
  return { metadata: { name }, spec: { subscriptionIdentifiers: identifiers, ...spec }, ...(money === undefined ? {} : { status: { position: { money } } }) } as unknown as SoftwareModel;
}

const full = model('full', ['LFULL', 'LOLD'], [{ currency: 'USD', annualCost: 1, averageUnitCost: 49_200 }]);
const stake = model('stake', ['LSTAKE'], [{ currency: 'USD', annualCost: 1, averageUnitCost: 6000 }]);
const usd = (amountMinor: number) => ({ amountMinor, currency: 'USD' });
const toStake = { role: 'read_only_user', subscriptionIdentifier: 'LSTAKE' };

describe('L14, D9: what reclaiming one subscription would save in a year', () => {
  it('L14: is the average price of its licence', () => {
    expect(savingOf('LOLD', [stake, full], undefined)).toEqual(usd(49_200));
  });

  it('L14, C18: less that of the licence which a downgrade leaves', () => {
    expect(savingOf('LFULL', [full, stake], toStake)).toEqual(usd(43_200));
    expect(savingOf('LSTAKE', [full, stake], { role: 'user', subscriptionIdentifier: 'LFULL' })).toEqual(usd(0));
  });

  it.each([
    ['a licence of no model', 'LOTHER', [full], undefined],
    ['no price', 'LFULL', [model('full', ['LFULL'], [])], undefined],
    ['prices in two currencies', 'LFULL', [model('full', ['LFULL'], [{ currency: 'EUR', averageUnitCost: 1 }, { currency: 'USD', averageUnitCost: 2 }])], undefined],
    ['a sum without an average', 'LFULL', [model('full', ['LFULL'], [{ currency: 'USD', annualCost: 5 }])], undefined],
    ['a target of no known price', 'LFULL', [full], toStake],
    ['a target in another currency', 'LFULL', [full, model('stake', ['LSTAKE'], [{ currency: 'EUR', averageUnitCost: 1 }])], toStake],
    ['a target whose licence is hidden', 'LFULL', [full, stake], { role: 'read_only_user' }],
    ['a model that is being deleted', 'LFULL', [{ ...full, metadata: { name: 'full', deletionTimestamp: '2026-01-01T00:00:00Z' } }], undefined],
  ] as const)('D9: is not known with %s', (_story, identifier, models, downgradeTo) => {
    expect(savingOf(identifier, models as unknown as SoftwareModel[], downgradeTo)).toBeUndefined();
  });

  it('D9: before the first reconciliation, is the price of the model', () => {
    expect(savingOf('LFULL', [model('full', ['LFULL'], undefined, { unitPrice: { amountMinor: 4100, currency: 'USD', period: 'Month' } })], undefined)).toEqual(usd(49_200));
    expect(savingOf('LFULL', [model('full', ['LFULL'], undefined)], undefined)).toBeUndefined();
  });

  it('D9: where two models claim a licence, is that of the first by name, as in the position', () => {
    const other = model('a-first', ['LFULL'], [{ currency: 'USD', averageUnitCost: 7 }]);
    expect(savingOf('LFULL', [full, other], undefined)).toEqual(usd(7));
  });
});
