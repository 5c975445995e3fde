import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../../test/support/parse-csv.ts';
import { renderCsvLines } from './csv.ts';

const cellOf = (text: string): string | undefined => parseCsv(renderCsvLines(['x'], [[text]]))[1]?.[0];

/** What docs/workbench.md says of a program that reads the text and not a spreadsheet. */
const withoutApostrophes = (cell: string): string => cell.replaceAll(/(?<=^|[;\t\r\n])'(?='*[=+\-@＝＋－＠])|^'(?='*[\t\r\n])/gu, '');

describe('CSV', () => {
  it('quotes every text and doubles quotes (RFC 4180); numbers are bare and nothing is empty', () => {
    const rows = [['x,y', 'say "hi"'], ['two\nlines', undefined], [7, ''], [-3, { decimal: '-19680.00' }]];
    expect(renderCsvLines(['a', 'b'], rows)).toBe('"a","b"\r\n"x,y","say ""hi"""\r\n"two\nlines",\r\n7,""\r\n-3,-19680.00\r\n');
  });

  it.each(['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\tx', '\rx', '\nx', '＝1', '-', '=HYPERLINK("http://x","y")'])('makes no spreadsheet calculate with %j', (text) => {
    expect(cellOf(text)).toBe(`'${text}`);
  });

  it.each([
    // Where cells end at a semicolon, the quotes of the second cell of a line count for nothing.
    ['x;=1+1;y', "x;'=1+1;y"],
    ['x\n=1+1', "x\n'=1+1"],
    ['\t=1+1', "'\t'=1+1"],
  ])('makes no spreadsheet of another language calculate with %j', (text, cell) => {
    expect(cellOf(text)).toBe(cell);
  });

  it.each(['-5', '-5.25', '19680.00', 'a=b', 'a;b', '平台', "O'Brien", "'quoted'", ' a '])('leaves %j as it is', (text) => {
    expect(cellOf(text)).toBe(text);
  });

  it.each(['', '1,5', '=1', '1e3', 'NaN'])('takes %j for no number', (decimal) => {
    expect(() => renderCsvLines(['x'], [[{ decimal }]])).toThrow('is no decimal number');
  });

  it('loses nothing: a reader has every text back, and no cell begins with a formula', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', "'", ',', ';', '\n', '\r', '\t', ' ', '=', '-', '1', '.', '＝', 'é', '平') });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 5 }), (rows) => {
        const [, ...read] = parseCsv(renderCsvLines(['a', 'b'], rows));
        expect(read.map((row) => row.map(withoutApostrophes))).toEqual(rows);
        const dangerous = read.flat().filter((text) => /^[=+\-@\t\r\n＝]|[;\t\r\n][=+\-@＝]/u.test(text) && !/^-?\d+(\.\d+)?$/.test(text));
        expect(dangerous).toEqual([]);
      }),
      { seed: 4180, numRuns: 1000 },
    );
  });
});
