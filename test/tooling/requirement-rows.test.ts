import { describe, expect, it } from 'vitest';
import { root } from '../support/product.ts';
import { findRowTests, rowsOf } from './requirement-rows.ts';

function span(letter: string, from: number, to: number, without: readonly number[] = []): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
    .filter((number) => !without.includes(number))
    .map((number) => `${letter}${number}`);
}

/** Rows that the product fulfils, up to reclaiming; later ones join them as they are built. */
const due = [
  ...span('S', 1, 85),
  ...span('L', 1, 38),
  ...span('T', 1, 20, [19]),
  ...span('C', 1, 33),
  ...span('D', 1, 10),
  'D14',
  'D15',
  'D17',
];

describe('requirement rows', () => {
  it('each have a test that is named after them', async () => {
    const named = new Set((await findRowTests(root)).map((test) => test.row));
    expect(due.filter((row) => !named.has(row))).toEqual([]);
  });

  it.each([
    ['S38: refuses a cleared download', ['S38']],
    ['S15, S16: a developer account', ['S15', 'S16']],
    ['S69–S72: back to Draft', ['S69', 'S70', 'S71', 'S72']],
    ['S14-S16: prints the way', ['S14', 'S15', 'S16']],
    ['T8: believes expires_in', ['T8']],
    ['keeps what S38 says', []],
    ['SHA256 of it', []],
  ])('are read from the name "%s"', (name, rows) => {
    expect(rowsOf(name)).toEqual(rows);
  });
});
