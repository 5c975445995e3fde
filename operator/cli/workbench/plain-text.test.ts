import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipWidth, measureWidth, showPlainly } from './plain-text.ts';

describe('names of others in plain text', () => {
  it('cannot drive a terminal, break a line or turn one around', () => {
    expect(showPlainly('a\u{1B}[31mb\r\nc\u{0}\u{9B}d')).toBe('a\u{FFFD}[31mb\u{FFFD}\u{FFFD}c\u{FFFD}\u{FFFD}d');
    expect(showPlainly('invoice\u{202E}fdp.exe \u{2066}x\u{2069}')).toBe('invoice\u{FFFD}fdp.exe \u{FFFD}x\u{FFFD}');
    expect(showPlainly('\u{D800}alone')).toBe('\u{FFFD}alone');
  });

  it('keep every other character, right-to-left marks included', () => {
    const plain = 'O\u{2019}Brien & Söhne <b> 平台 فريق\u{200F} 👩‍🚒';
    expect(showPlainly(plain)).toBe(plain);
  });

  it('are as wide as a terminal shows them', () => {
    expect([measureWidth('abc'), measureWidth('平台'), measureWidth('e\u{301}'), measureWidth('')]).toEqual([3, 4, 1, 0]);
  });

  it('are never clipped to more than their room, and what fits is left alone', () => {
    expect(clipWidth('平台工程', 6)).toBe('平台…');
    expect(clipWidth('abc', 3)).toBe('abc');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (text, room) => {
        const clipped = clipWidth(text, room);
        expect(measureWidth(clipped)).toBeLessThanOrEqual(room);
        if (measureWidth(text) <= room) expect(clipped).toBe(text);
      }),
      { seed: 83 },
    );
  });
});
