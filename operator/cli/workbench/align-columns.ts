import { measureWidth, showPlainly } from './plain-text.ts';

export interface Column {
  readonly title: string;
  /** Numbers stand to the right, words to the left. */
  readonly align?: 'left' | 'right';
}

const gap = '   ';

/** Lines of a table as kubectl prints one: upper-case titles, columns as wide as their widest cell, no rules, nothing after the last cell. */
export function alignColumns(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(showPlainly))];
  const widths = columns.map((_, index) => lines.reduce((widest, line) => Math.max(widest, measureWidth(line[index] ?? '')), 0));
  return lines.map((line) =>
    columns
      .map(({ align }, index) => {
        const cell = line[index] ?? '';
        const space = ' '.repeat((widths[index] ?? 0) - measureWidth(cell));
        return align === 'right' ? space + cell : cell + space;
      })
      .join(gap)
      .trimEnd(),
  );
}
