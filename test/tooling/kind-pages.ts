import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A page of docs/kinds, as a test reads it. */
export interface KindPage {
  readonly text: string;
  /** Rows of the first table under a heading of the second level; a cell by the name of its column. */
  table(heading: string): Record<string, string>[];
}

export async function readKindPage(root: string, name: string): Promise<KindPage> {
  const text = await readFile(join(root, 'docs/kinds', `${name}.md`), 'utf8');
  return { text, table: (heading) => readTable(sectionOf(text, heading)) };
}

/** From the heading to the next of its level. */
export function sectionOf(text: string, heading: string): string {
  const [, ...after] = text.split(`\n## ${heading}\n`);
  if (after.length !== 1) throw new Error(`the page must have one section "${heading}"`);
  return after[0]?.split('\n## ')[0] ?? '';
}

/** Rows of the first Markdown table in the text. */
export function readTable(text: string): Record<string, string>[] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith('| '));
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  const [header = '', , ...rows] = lines.slice(start, length === -1 ? undefined : start + length);
  const names = cellsOf(header);
  return rows.map((row) => Object.fromEntries(cellsOf(row).map((cell, index) => [names[index] ?? '', cell])));
}

function cellsOf(line: string): string[] {
  return line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
}

/** Words that look like a reason or a condition type: two capitals at least, as in SecretMissing. */
export function namesIn(text: string): string[] {
  const words = text.replaceAll(/`[^`]*`|\[[^\]]*\]\([^)]*\)/g, ' ').match(/\b[A-Z][a-z]+(?:[A-Z]+[a-z]*)+\b/g) ?? [];
  return Array.from(new Set(words));
}
