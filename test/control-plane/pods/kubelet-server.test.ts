import { describe, expect, it } from 'vitest';
import { lastLines } from './kubelet-server.ts';

describe('the last lines of a container', () => {
  it.each([
    { text: 'a\nb\nc\n', count: 2, want: 'b\nc\n' },
    { text: 'a\nb\nc', count: 2, want: 'b\nc' },
    { text: 'a\nb\n', count: 5, want: 'a\nb\n' },
    { text: 'a\nb\n', count: 2, want: 'a\nb\n' },
    { text: 'a\n\n', count: 1, want: '\n' },
    { text: '\na\n', count: 1, want: 'a\n' },
    { text: 'a\n', count: 0, want: '' },
    { text: '', count: 3, want: '' },
  ])('$count of $text', ({ text, count, want }) => {
    expect(lastLines(Buffer.from(text), count).toString()).toBe(want);
  });
});
