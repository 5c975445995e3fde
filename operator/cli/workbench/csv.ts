/** A cell; undefined is an empty one, which FOCUS and most readers take for null. */
export type Cell = string | number | Decimal | undefined;

/** A number that a float cannot hold exactly, as its decimal text: money and quantities. */
export interface Decimal {
  readonly decimal: string;
}

/**
 * Returns RFC 4180 text: a header and rows, CRLF after each. Numbers are bare and every text cell is quoted, so that a reader can tell them
 * apart and no separator inside of a text begins a cell. A spreadsheet cannot be made to calculate with a text.
 */
export function renderCsvLines(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((row) => `${row.map(writeCell).join(',')}\r\n`).join('');
}

function writeCell(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'object') return writeDecimal(cell);
  return `"${neutralizeFormulas(cell.toWellFormed()).replaceAll('"', '""')}"`;
}

function writeDecimal({ decimal }: Decimal): string {
  if (!number.test(decimal)) throw new TypeError(`${JSON.stringify(decimal)} is no decimal number`);
  return decimal;
}

/**
 * Puts an apostrophe, which spreadsheets show as text, before what a spreadsheet would take for a formula: formulas call programs and send data
 * away. A formula may begin at the start of the text, and behind a character at which a spreadsheet in another language splits lines and cells
 * (the semicolon in most of Europe), whatever the quotes say. A text that has the apostrophe already is given one more, so that taking one
 * away at each of these places gives the text back. Texts that are numbers stay: they do no harm.
 */
function neutralizeFormulas(text: string): string {
  return number.test(text) ? text : text.replaceAll(formula, "'");
}

/** The full-width signs count in East Asian editions. */
const formula = /(?<=^|[;\t\r\n])(?='*[=+\-@＝＋－＠])|^(?='*[\t\r\n])/gu;
const number = /^-?\d+(?:\.\d+)?$/;
