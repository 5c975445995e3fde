/**
 * Text of others made fit to be shown. Control characters could drive a terminal, and embeddings and overrides of the
 * writing direction could make one name look like another or turn the rest of a line around: each becomes U+FFFD. Marks
 * of direction that a right-to-left name needs stay.
 */
export function showPlainly(text: string): string {
  return text.toWellFormed().replaceAll(unshowable, '\u{FFFD}');
}

// Tab and line feed are control characters too: no name is worth a broken line.
const unshowable = /[\p{Cc}\u{2028}\u{2029}\u{202A}-\u{202E}\u{2066}-\u{2069}\u{FEFF}]/gu;

/** Columns that a text takes in a terminal: characters of CJK scripts take two, marks that combine take none. */
export function measureWidth(text: string): number {
  let width = 0;
  for (const character of text) width += zero.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
}

const zero = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const wide = /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u{3000}-\u{303F}\u{FF01}-\u{FF60}\u{FFE0}-\u{FFE6}\p{Emoji_Presentation}]$/u;

/** At most `columns` wide; what does not fit is shown by an ellipsis. */
export function clipWidth(text: string, columns: number): string {
  if (measureWidth(text) <= columns) return text;
  let clipped = '';
  for (const character of text) {
    if (measureWidth(clipped + character) > columns - 1) break;
    clipped += character;
  }
  return `${clipped}…`;
}
