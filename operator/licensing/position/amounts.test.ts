import { array, assert, bigInt, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toFailure } from '../../api/errors.ts';
import { toMajor } from '../../api/currency.ts';
import { annualAmount, distribute, divideRounded, formatDecimal, formatMoney, toMinor } from './amounts.ts';

const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);

describe('amounts of money', () => {
  it('L30: 36 % of 500 seats unused at $41 a month are $88,560.00 a year', () => {
    const unused = (500 * 36) / 100;
    const amount = annualAmount({ amountMinor: 4100, currency: 'USD', period: 'Month' }, unused);
    expect(amount).toBe(8_856_000n);
    expect(formatMoney({ amountMinor: toMinor(amount), currency: 'USD' })).toBe('USD 88,560.00');
  });

  it('S80: a price per year is not multiplied by twelve', () => {
    expect(annualAmount({ amountMinor: 49_200, currency: 'USD', period: 'Year' }, 500)).toBe(24_600_000n);
  });

  it('D9: rounds to the nearest, halves up', () => {
    expect([divideRounded(5n, 2n), divideRounded(4n, 3n), divideRounded(5n, 3n), divideRounded(0n, 7n)]).toEqual([3n, 1n, 2n, 0n]);
    expect(() => divideRounded(-1n, 2n)).toThrow(RangeError);
    expect(() => divideRounded(1n, 0n)).toThrow(RangeError);
  });

  it('is exact up to 9,000,000,000,000,000 minor units and refuses more rather than lose a cent', () => {
    expect(toMinor(9_000_000_000_000_000n)).toBe(9_000_000_000_000_000);
    let failure;
    try {
      toMinor(9_000_000_000_000_001n);
    } catch (error) {
      failure = toFailure(error);
    }
    expect(failure).toMatchObject({ kind: 'Terminal', reason: 'AmountTooLarge' });
  });
});

describe('money as text', () => {
  it.each([
    { amountMinor: 1_968_000, currency: 'USD', text: 'USD 19,680.00', decimal: '19680.00', major: 19_680 },
    { amountMinor: 4100, currency: 'JPY', text: 'JPY 4,100', decimal: '4100', major: 4100 },
    { amountMinor: 1234, currency: 'BHD', text: 'BHD 1.234', decimal: '1.234', major: 1.234 },
    { amountMinor: 5, currency: 'USD', text: 'USD 0.05', decimal: '0.05', major: 0.05 },
    { amountMinor: 0, currency: 'USD', text: 'USD 0.00', decimal: '0.00', major: 0 },
    { amountMinor: 0, currency: 'JPY', text: 'JPY 0', decimal: '0', major: 0 },
    { amountMinor: 99_999, currency: 'EUR', text: 'EUR 999.99', decimal: '999.99', major: 999.99 },
    { amountMinor: 100_000_000, currency: 'EUR', text: 'EUR 1,000,000.00', decimal: '1000000.00', major: 1_000_000 },
    { amountMinor: 9_000_000_000_000_000, currency: 'USD', text: 'USD 90,000,000,000,000.00', decimal: '90000000000000.00', major: 90_000_000_000_000 },
    { amountMinor: -123_456, currency: 'USD', text: 'USD -1,234.56', decimal: '-1234.56', major: -1234.56 },
    { amountMinor: 100, currency: 'ZZZ', text: 'ZZZ 1.00', decimal: '1.00', major: 1 },
    { amountMinor: 100, currency: 'x', text: 'x 1.00', decimal: '1.00', major: 1 },
  ])('$amountMinor of $currency is $text', ({ amountMinor, currency, text, decimal, major }) => {
    expect(formatMoney({ amountMinor, currency })).toBe(text);
    expect(formatDecimal({ amountMinor, currency })).toBe(decimal);
    expect(toMajor({ amountMinor, currency })).toBe(major);
  });

  it('reads back as the same minor units', () => {
    assert(
      property(integer({ min: 0, max: 9_000_000_000_000_000 }), (amountMinor) => {
        expect(formatDecimal({ amountMinor, currency: 'USD' })).toMatch(/^\d+\.\d\d$/);
        expect(Number(formatDecimal({ amountMinor, currency: 'USD' }).replace('.', ''))).toBe(amountMinor);
        expect(formatMoney({ amountMinor, currency: 'USD' }).replaceAll(',', '')).toBe(`USD ${formatDecimal({ amountMinor, currency: 'USD' })}`);
      }),
      { seed: 902 },
    );
  });
});

describe('shares of an amount', () => {
  it('C22: the cent that is left goes to the largest remainder, of equal ones to the first', () => {
    expect(distribute(100n, [1n, 1n, 1n])).toEqual([34n, 33n, 33n]);
    expect(distribute(100n, [1n, 2n, 3n])).toEqual([17n, 33n, 50n]);
    expect(distribute(2n, [0n, 1n, 1n, 1n])).toEqual([0n, 1n, 1n, 0n]);
    expect(distribute(0n, [1n, 0n])).toEqual([0n, 0n]);
  });

  it('refuses to share among nobody', () => {
    for (const weights of [[], [0n, 0n], [2n, -1n]]) expect(() => distribute(1n, weights)).toThrow(RangeError);
    expect(() => distribute(-1n, [1n])).toThrow(RangeError);
  });

  it('C22: add up to it exactly, and each is less than one away from its exact share', () => {
    const weights = array(bigInt({ min: 0n, max: 100_000n }), { minLength: 1, maxLength: 40 }).filter((each) => sum(each) > 0n);
    assert(
      property(bigInt({ min: 0n, max: 9_000_000_000_000_000n }), weights, (total, each) => {
        const parts = distribute(total, each);
        expect(sum(parts)).toBe(total);
        const whole = sum(each);
        for (const [index, part] of parts.entries()) {
          const away = part * whole - total * (each[index] ?? 0n);
          expect(away < whole && -away < whole).toBe(true);
          if (each[index] === 0n) expect(part).toBe(0n);
        }
      }),
      { seed: 903 },
    );
  });

  it('give nobody less than one with a smaller weight', () => {
    assert(
      property(bigInt({ min: 0n, max: 1000n }), array(bigInt({ min: 1n, max: 9n }), { minLength: 2, maxLength: 9 }), (total, each) => {
        const sorted = each.toSorted((a, b) => Number(b - a));
        const parts = distribute(total, sorted);
        expect(parts).toEqual(parts.toSorted((a, b) => Number(b - a)));
      }),
      { seed: 904 },
    );
  });
});
