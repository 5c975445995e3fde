import { describe, expect, it } from 'vitest';
import type { PositionCounts } from '../../api/license-position.ts';
import { countRights, createModelCount } from './persons.ts';
import { decideRemediation, type RemediationInput } from './remediation.ts';

/** $10.00 a year for 3 rights. */
const price = { kind: 'Price', currency: 'USD', annual: 1000n, rights: 3n } as const;

function options(counts: Partial<PositionCounts>, change: Partial<RemediationInput> = {}): string[] {
  const all = { ...countRights(createModelCount(), 0), ...counts };
  const decided = decideRemediation({ counts: all, compliance: (all.needed > 0 ? 'NonCompliant' : 'Compliant'), price, renewable: 0, ...change });
  return decided.map(({ action, quantity, resolves, money }) => `${action} ${quantity}${resolves ? ' resolves' : ''}${money === undefined ? '' : ` ${money.amountMinor}`}`);
}

describe('remediation', () => {
  it('S85: enough unused rights: buy, or take back as many as are needed', () => {
    expect(options({ needed: 4, unused: 9 })).toEqual(['PurchaseRights 4 resolves 1333', 'Reclaim 4 resolves 1333']);
  });

  it('S85: too few unused rights: some that are in use would have to go as well', () => {
    expect(options({ needed: 10, unused: 4 })).toEqual(['PurchaseRights 10 resolves 3333', 'Reclaim 4 1333', 'RemoveAllocations 6 2000']);
  });

  it('S85: no unused rights: taking away what is in use is enough by itself', () => {
    expect(options({ needed: 10 })).toEqual(['PurchaseRights 10 resolves 3333', 'RemoveAllocations 10 resolves 3333']);
  });

  it('S85: taking back never makes compliant what has no entitlement', () => {
    expect(options({ needed: 10, unused: 10 }, { compliance: 'NoEntitlement' })).toEqual(['PurchaseRights 10 resolves 3333', 'Reclaim 10 3333']);
    expect(options({ needed: 10 }, { compliance: 'NoEntitlement' })).toEqual(['PurchaseRights 10 resolves 3333', 'RemoveAllocations 10 3333']);
  });

  it('S85: compliant: take back what is unused, and buy fewer at the renewal', () => {
    expect(options({ available: 5, unused: 4 }, { renewable: 100 })).toEqual(['Reclaim 4 resolves 1333', 'ReduceAtRenewal 9 3000']);
    expect(options({ available: 5 }, { renewable: 100 })).toEqual(['ReduceAtRenewal 5 resolves 1667']);
  });

  it('S85: no more is reduced than what has a renewal', () => {
    expect(options({ available: 5, unused: 4 }, { renewable: 3 })).toEqual(['Reclaim 4 resolves 1333', 'ReduceAtRenewal 3 resolves 1000']);
    expect(options({ available: 5 })).toEqual([]);
  });

  it('S85: numbers without a price have no money', () => {
    expect(options({ needed: 2 }, { price: undefined })).toEqual(['PurchaseRights 2 resolves', 'RemoveAllocations 2 resolves']);
  });
});
