import { describe, expect, it } from 'vitest';
import { trimLineBreaks } from './secret-value.ts';

describe('a value of a Secret', () => {
  it.each([
    ['token', 'token'],
    ['token\n', 'token'],
    ['token\r\n\n', 'token'],
    ['\nto\nken', '\nto\nken'],
    ['\n\r', ''],
    ['', ''],
  ])('%j is %j without the line breaks at its end', (text, expected) => {
    expect(trimLineBreaks(text)).toBe(expected);
  });

  it('guard 12: a megabyte of line breaks is read once, and not from each of them', () => {
    const started = performance.now();
    expect(trimLineBreaks(`${'\n'.repeat(1_000_000)}x`)).toHaveLength(1_000_001);
    // It took nine minutes.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
