import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document, type Node, type Tags } from 'yaml';
import { isObject } from './apply-defaults.ts';
import type { Finding, Path } from './problem.ts';

/** One object of a file. */
export interface Manifest {
  readonly file: string;
  /** Number of the document in the file, from 1. */
  readonly document: number;
  readonly value: unknown;
  /** Line of a field, or of the nearest that is there; from 1. */
  readonly lineOf: (path: Path) => number;
  /** What is wrong with the text itself. */
  readonly findings: readonly Finding[];
}

/** The objects of a text of YAML or JSON: several documents, and lists as kubectl prints them. Empty documents are nothing. */
export function parseManifests(file: string, text: string): Manifest[] {
  const lines = new LineCounter();
  const duplicates: Duplicate[] = [];
  const documents = parseAllDocuments(text, {
    ...kubectlYaml,
    lineCounter: lines,
    uniqueKeys: (a, b) => {
      if (isScalar(a) && isScalar(b) && a.value === b.value && a.value !== '<<') duplicates.push({ offset: b.range?.[0] ?? 0 });
      return false;
    },
  });
  const list = 'empty' in documents ? [] : documents;
  return list.flatMap((document, index) => toManifests(document, { file, number: index + 1, lines, duplicates: duplicates.filter((one) => isWithin(document, one)) }));
}

interface Duplicate {
  readonly offset: number;
}

/**
 * YAML as kubectl reads it: version 1.1, in which `yes` is true and 0777 is octal, but without its times and numbers to the base
 * of 60, which stay strings.
 */
const kubectlYaml = {
  version: '1.1',
  merge: true,
  logLevel: 'silent',
  customTags: (tags: Tags): Tags => tags.filter((tag) => !isTimeTag(tag)),
} as const;

function isTimeTag(tag: unknown): boolean {
  return isObject(tag) && (tag['format'] === 'TIME' || tag['tag'] === 'tag:yaml.org,2002:timestamp');
}

function isWithin(document: Document.Parsed, { offset }: Duplicate): boolean {
  return offset >= document.range[0] && offset < document.range[2];
}

interface DocumentPlace {
  readonly file: string;
  readonly number: number;
  readonly lines: LineCounter;
  readonly duplicates: readonly Duplicate[];
}

function toManifests(document: Document.Parsed, { file, number, lines, duplicates }: DocumentPlace): Manifest[] {
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const whole = { file, document: number };
  const [problem] = document.errors;
  if (problem !== undefined) return [{ ...whole, value: undefined, lineOf: () => lineAt(problem.pos[0]), findings: [fileError(`is not YAML (${problem.code})`)] }];
  const start = document.contents?.range?.[0] ?? document.range[0];
  const lineOf = (path: Path): number => lineAt(offsetOf(document, path) ?? start);
  const value = toValue(document);
  if (value === tooMuch) return [{ ...whole, value: undefined, lineOf, findings: [fileError('its aliases stand for too much')] }];
  if (value === null || value === undefined) return [];
  const twice = duplicates.map(({ offset }): Manifest => ({ ...whole, value, lineOf: () => lineAt(offset), findings: [duplicateKey] }));
  return [...twice, ...itemsOf(value).map(({ value: item, path }) => ({ ...whole, value: item, lineOf: (inner: Path) => lineOf([...path, ...inner]), findings: [] }))];
}

/** kubectl takes the last of the two without a word; whoever wrote the other does not know. */
const duplicateKey: Finding = { path: [], check: 'File', severity: 'warning', message: 'this field is given twice in its object, and only the last counts' };

function fileError(message: string): Finding {
  return { path: [], check: 'File', severity: 'error', message };
}

const tooMuch = Symbol('aliases stand for too much');

function toValue(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return tooMuch;
  }
}

/** The objects of a list as kubectl takes it apart: any object whose kind ends in List and that has items. */
function itemsOf(value: unknown): { readonly value: unknown; readonly path: Path }[] {
  if (!isObject(value)) return [{ value, path: [] }];
  const { kind, items, apiVersion } = value;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [{ value, path: [] }];
  const own = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.map((item: unknown, index) => ({ value: isObject(item) ? { ...own, ...item } : item, path: ['items', index] }));
}

/** Where the deepest node of a path that is there begins. */
function offsetOf(document: Document.Parsed, path: Path): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const part of path) {
    const next = childOf(isAlias(node) ? node.resolve(document) : node, part);
    if (next === undefined) return offset;
    ({ offset, node } = next);
  }
  return offset;
}

function childOf(node: unknown, part: string | number): { readonly offset: number | undefined; readonly node: Node | null | undefined } | undefined {
  if (isSeq<Node>(node) && typeof part === 'number') {
    const item = node.items[part];
    return item === undefined ? undefined : { offset: item.range?.[0], node: item };
  }
  if (!isMap<Node, Node | null>(node)) return undefined;
  const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === String(part));
  return pair === undefined ? undefined : { offset: pair.key.range?.[0], node: pair.value };
}
