import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText, hashName, hashText } from './hash.ts';

describe('hashes of texts', () => {
  it('never changes from release to release, because names of objects are made of it', () => {
    expect(hashName('')).toMatchInlineSnapshot(`"1um08a4zyrc"`);
    expect(hashName('pagerduty/PXPGF42')).toMatchInlineSnapshot(`"2ezksa67sc6"`);
    expect(hashName('Zoë 🎉')).toMatchInlineSnapshot(`"0qxgw8qbq25"`);
  });

  it('is always eleven characters that a name may have', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => /^[0-9a-z]{11}$/.test(hashName(text))));
  });

  it('keeps 200,000 texts that differ by one character apart', () => {
    const hashes = new Set(Array.from({ length: 200_000 }, (_, index) => hashText(`PD${index.toString(36)}`)));
    expect(hashes.size).toBe(200_000);
  });

  it('spreads evenly: each of its 53 bits is set half of the time', () => {
    const hashes = Array.from({ length: 4_000 }, (_, index) => BigInt(hashText(String(index))));
    for (let bit = 0n; bit < 53n; bit += 1n) {
      const set = hashes.filter((hash) => ((hash >> bit) & 1n) === 1n).length;
      expect(set, `bit ${bit}`).toBeGreaterThan(1_800);
      expect(set, `bit ${bit}`).toBeLessThan(2_200);
    }
  });
});

describe('canonical text', () => {
  it('does not depend on the order of keys, but on that of members', () => {
    expect(canonicalText({ b: 1, a: [2, 1], c: undefined })).toBe('{"a":[2,1],"b":1}');
    expect(canonicalText([1, 2])).not.toBe(canonicalText([2, 1]));
  });

  it('tells apart what JSON tells apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        const parsed = [JSON.parse(canonicalText(left)), JSON.parse(canonicalText(right))];
        expect(parsed[0]).toEqual(JSON.parse(JSON.stringify(left)));
        if (canonicalText(left) === canonicalText(right)) expect(parsed[0]).toEqual(parsed[1]);
      }),
    );
  });
});
