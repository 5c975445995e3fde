import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hideAddresses, storable, storableIdentifier } from './text.ts';

describe('storable text', () => {
  it('leaves what fits as it is', () => {
    expect(storable('Zoë Ångström 🎉', 253)).toBe('Zoë Ångström 🎉');
  });

  it('never cuts a character in two', () => {
    expect(storable('ab🎉', 3)).toBe('ab');
    expect(storable('ab🎉', 4)).toBe('ab🎉');
  });

  it('replaces broken surrogates, which would come back changed and be written again for ever', () => {
    expect(storable('a\ud800b', 10)).toBe('a\ufffdb');
  });

  it('fits for any text, and is stable when applied again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 13, max: 40 }), (text, limit) => {
        const once = storable(text, limit);
        expect(once.length).toBeLessThanOrEqual(limit);
        expect(once.isWellFormed()).toBe(true);
        expect(storable(once, limit)).toBe(once);
        expect(storableIdentifier(text, limit).length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('keeps two long identifiers two', () => {
    const long = 'x'.repeat(200);
    expect(storableIdentifier(`${long}1`, 128)).not.toBe(storableIdentifier(`${long}2`, 128));
  });
});

describe('addresses that are hidden', () => {
  it.each([
    ['ann@example.com', '(address)'],
    ['<ann@example.com>, bo@x', '<(address)>, (address)'],
    ['a@b@c', '(address)@c'],
    ['@@a@b', '@@(address)'],
    ['module.p["bo@example.com"]', 'module.p["(address)"]'],
    ['nobody @ home', 'nobody @ home'],
  ])('guard 7: %s → %s', (text, expected) => {
    expect(hideAddresses(text)).toBe(expected);
  });

  it('guard 12: a word of a megabyte, as a Secret may hold, is searched once and not from each of its characters', () => {
    const start = performance.now();
    expect(hideAddresses('a'.repeat(1_000_000))).toHaveLength(1_000_000);
    // Searched from each, it took eight minutes.
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
