/** A page written by hand, with blocks between markers that the generator owns. */
const marker = (name: string) => ({ start: `<!-- generated:${name} -->`, end: `<!-- /generated:${name} -->` });

/** Puts `text` between the markers of that name; throws when the page does not have them exactly once. */
export function fillBlock(page: string, name: string, text: string): string {
  const { start, end } = marker(name);
  const before = page.split(start);
  const after = page.split(end);
  if (before.length !== 2 || after.length !== 2 || page.indexOf(end) < page.indexOf(start)) {
    throw new Error(`the page must hold ${start} and then ${end}, once each`);
  }
  return `${before[0] ?? ''}${start}\n\n${text.trim()}\n\n${end}${after[1] ?? ''}`;
}

/** A Markdown table. Cells are one line each; a bar in a cell is escaped. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
