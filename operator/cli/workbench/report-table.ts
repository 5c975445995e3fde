import { html, type Content, type Markup } from './markup.ts';

export interface TableColumn {
  readonly title: string;
  readonly kind?: 'words' | 'number' | 'date' | 'share';
}

export interface TableWords {
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  /** The first cell of a row is its head. */
  readonly rows: readonly (readonly Content[])[];
  readonly foot?: readonly (readonly Content[])[];
}

export const words = (...titles: string[]): TableColumn[] => titles.map((title) => ({ title, kind: 'words' }));
export const numbers = (...titles: string[]): TableColumn[] => titles.map((title) => ({ title, kind: 'number' }));
export const dates = (...titles: string[]): TableColumn[] => titles.map((title) => ({ title, kind: 'date' }));

/** A table in a box of its own, which scrolls sideways by finger, mouse or key where the screen is too narrow for it. */
export function drawTable({ caption, columns, rows, foot = [] }: TableWords): Markup {
  const heads = columns.map(({ title, kind = 'words' }) => html`<th scope="col" class="${kind}">${title}</th>`);
  const footer = foot.length === 0 ? undefined : html`<tfoot>${foot.map((row) => drawRow(columns, row))}</tfoot>\n`;
  return html`<div class="box" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>${rows.map((row) => drawRow(columns, row))}</tbody>
${footer}</table></div>
`;
}

function drawRow(columns: readonly TableColumn[], cells: readonly Content[]): Markup {
  const drawn = columns.map(({ kind = 'words' }, index) =>
    index === 0 ? html`<th scope="row">${cells[index]}</th>` : html`<td class="${kind}">${cells[index]}</td>`,
  );
  return html`<tr>${drawn}</tr>\n`;
}
