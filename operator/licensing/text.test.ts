import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storable, storableIdentifier } from './text.ts';

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
