import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../../test/support/parse-csv.ts';
import { renderCsvLines } from './csv.ts';

const cellOf = (text: string): string => renderCsvLines(['x'], [[text]]).slice('x\r\n'.length, -'\r\n'.length);

describe('CSV', () => {
  it('quotes commas, quotes and line ends, and doubles quotes (RFC 4180)', () => {
    expect(renderCsvLines(['a', 'b'], [['x,y', 'say "hi"'], ['two\nlines', undefined], [7, '']])).toBe('a,b\r\n"x,y","say ""hi"""\r\n"two\nlines",\r\n7,\r\n');
  });

  it.each(['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\tx', '\rx', '＝1', '-', '=HYPERLINK("http://x","y")'])('makes no spreadsheet calculate with %j', (text) => {
    const [, row] = parseCsv(renderCsvLines(['x'], [[text]]));
    expect(row).toEqual([`'${text}`]);
  });

  it.each(['-5', '-5.25', '19680.00', 'a=b', '平台', "O'Brien"])('leaves %j as it is', (text) => {
    expect(cellOf(text)).toBe(text);
  });

  it('gives back every table that a reader parses, but for the apostrophes', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '=', '-', '1', 'é', '平') });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 5 }), (rows) => {
        const [, ...read] = parseCsv(renderCsvLines(['a', 'b'], rows));
        expect(read.map((row) => row.map((text) => text.replace(/^'(?=[=\-\r\n])/, '')))).toEqual(rows);
      }),
      { seed: 4180 },
    );
  });
});
