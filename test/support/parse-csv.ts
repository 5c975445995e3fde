/** Rows of a CSV text, by the letter of RFC 4180; an Error where the text is none. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const [cell, next] = text[at] === '"' ? readQuoted(text, at + 1) : readBare(text, at);
    row.push(cell);
    if (text[next] === ',') {
      at = next + 1;
      // A comma before the end of the line begins one more, empty, cell.
      if (text.startsWith('\r\n', at)) row.push('');
    }
    at = text[next] === ',' ? at : next;
    if (text.startsWith('\r\n', at)) {
      rows.push(row);
      row = [];
      at += 2;
    } else if (text[next] !== ',') {
      throw new Error(`neither a comma nor a line end after a cell, at ${String(at)}`);
    }
  }
  if (row.length > 0) throw new Error('the last line has no end');
  return rows;
}

function readQuoted(text: string, start: number): [cell: string, next: number] {
  let cell = '';
  for (let at = start; at < text.length; at += 1) {
    if (text[at] !== '"') cell += text[at] ?? '';
    else if (text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else return [cell, at + 1];
  }
  throw new Error('a quote is never closed');
}

function readBare(text: string, start: number): [cell: string, next: number] {
  const cell = /^[^",\r\n]*/.exec(text.slice(start))?.[0] ?? '';
  return [cell, start + cell.length];
}
