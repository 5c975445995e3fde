/** A cell; undefined is an empty one, which FOCUS and most readers take for null. */
export type Cell = string | number | undefined;

/** RFC 4180: a header and rows, CRLF after each, quotes where they are needed. Spreadsheets cannot be made to calculate with a cell. */
export function renderCsvLines(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((row) => `${row.map(writeCell).join(',')}\r\n`).join('');
}

function writeCell(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const text = neutralizeFormula(cell.toWellFormed());
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A spreadsheet takes a cell that begins with one of these for a formula, which can call programs and send data away.
 * The full-width forms count in East Asian editions. An apostrophe makes it text; numbers, which are no danger, stay.
 */
function neutralizeFormula(text: string): string {
  return formula.test(text) && !decimal.test(text) ? `'${text}` : text;
}

const formula = /^[=+\-@\t\r\n＝＋－＠]/u;
const decimal = /^-?\d+(?:\.\d+)?$/;
const needsQuotes = /[",\r\n]|^\s|\s$/;
