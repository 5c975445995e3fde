import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import { terminal } from '../api/errors.ts';
import type { ClaimedRecord } from '../audit/verify-chain.ts';
import { codeOf } from './position/write-file.ts';

/** A record, and where it was found. */
export interface FiledRecord extends ClaimedRecord {
  readonly where: string;
}

export async function readText(file: string): Promise<string> {
  try {
    return file === '-' ? await readStream(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw terminal('FileUnreadable', `${file} cannot be read (${codeOf(error)}): name a file that is there and may be read.`);
  }
}

/**
 * The records of a file: what saaslicense audit export wrote, a List of `kubectl get auditrecords -o json`, one record,
 * or one a line. Where the text is no JSON, the record on the line that is none stands for it, so that the verifier names it.
 */
export function parseRecords(text: string, file: string): FiledRecord[] {
  const whole = parseJson(text);
  const values = whole === undefined ? parseLines(text) : listOf(whole);
  return values.map((value, index) => ({ ...claim(value), where: `${file}, record ${index + 1}` }));
}

function parseLines(text: string): unknown[] {
  const values = text
    .split('\n')
    .map((line) => line.trim().replace(/,$/, ''))
    .filter((line) => line !== '' && line !== '[' && line !== ']')
    .map((line) => parseJson(line) ?? { metadata: { name: nameIn(line) } });
  // A list whose lines are whole, and which is none for what stands between them, was changed as well.
  return text.trimStart().startsWith('{') ? values : [...values, undefined];
}

/** What a damaged line calls itself. */
function nameIn(line: string): string {
  return /audit-\d{10}/.exec(line)?.[0] ?? '';
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  const items = isObject(value) ? value['items'] : undefined;
  return Array.isArray(items) ? items : [value];
}

/** Name and spec of an object or of an exported record. What is none is a record without a name, which no verifier takes. */
function claim(value: unknown): ClaimedRecord {
  if (!isObject(value)) return { name: '', spec: undefined };
  const { metadata, spec } = value;
  const name = isObject(metadata) ? metadata['name'] : undefined;
  return { name: typeof name === 'string' ? name : '', spec };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The records of several files as one list: the files of successive periods may share records, as long as they say the same. */
export function joinFiles(files: readonly (readonly FiledRecord[])[]): FiledRecord[] {
  const seen = new Map<string, string>();
  return files.flatMap((records) => {
    const fresh = records.filter(({ name, spec }) => seen.get(name) !== JSON.stringify(spec));
    for (const { name, spec } of records) seen.set(name, JSON.stringify(spec));
    return fresh;
  });
}
