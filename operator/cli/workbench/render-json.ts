import type { Workbench } from '../../licensing/position/workbench.ts';
import { notesOf } from './notes.ts';

/** Canonical JSON: keys in the order of their code units, two spaces, a line feed at the end; the same value gives the same bytes. */
export function renderJson(workbench: Workbench): string {
  return `${JSON.stringify(sortKeys({ ...workbench, notes: notesOf(workbench) }), undefined, 2)}\n`;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  // fromEntries defines properties: a key such as __proto__ stays a key.
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, entry]) => [key, sortKeys(entry)]));
}
