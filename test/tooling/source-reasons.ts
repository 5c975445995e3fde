import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** A source file of the product, without its tests. */
export interface SourceFile {
  /** Relative to `operator/`. */
  readonly path: string;
  readonly text: string;
}

/** A literal reason: a property, an argument of a function that makes a failure or a condition, or what a table makes of a vendor's words. */
const patterns = [
  /reason: '([A-Z][A-Za-z]+)'/g,
  /\b(?:terminal|waiting|retryable|terminalSchedule|failure|wait|held|blocked|seeing|blind|passing|person)\(\s*'([A-Z][A-Za-z]+)'/g,
  /\bretry\(request, '([A-Z][A-Za-z]+)'/g,
  /\bis(?:True|Unknown)\(\s*(?:'[A-Za-z]+'|type),\s*'([A-Z][A-Za-z]+)'/g,
  /\bwhen\(.+?, '([A-Z][A-Za-z]+)', ['`]/g,
  /^\s*\[\/.+\/[a-z]*, '([A-Z][A-Za-z]+)'\],$/gm,
  /\breason: [A-Za-z]+ \? '([A-Z][A-Za-z]+)' : '([A-Z][A-Za-z]+)'/g,
];

/** Every source file of these folders or files of `operator/`. */
export async function readSources(root: string, paths: readonly string[]): Promise<SourceFile[]> {
  const operator = join(root, 'operator');
  const listed = await Promise.all(paths.map(async (path) => (path.endsWith('.ts') ? [join(operator, path)] : listFiles(join(operator, path)))));
  const files = listed.flat().filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts')).sort();
  return Promise.all(files.map(async (file) => ({ path: relative(operator, file), text: await readFile(file, 'utf8') })));
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Every reason that the files give by name. */
export function findReasons(files: readonly SourceFile[]): Set<string> {
  const found = files.flatMap(({ text }) => patterns.flatMap((pattern) => Array.from(text.matchAll(pattern)).flatMap(([, ...reasons]) => reasons)));
  return new Set(found);
}

/** A condition that the source makes with a literal reason. */
export interface ConditionReason {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

const conditionPatterns: readonly { readonly pattern: RegExp; readonly status?: string }[] = [
  { pattern: /\bis(?<status>True|Unknown)\(\s*(?<type>'[A-Za-z]+'|type),\s*'(?<reason>[A-Z][A-Za-z]+)'/g },
  { pattern: /\bis(?<status>False)\(\s*(?<type>'[A-Za-z]+'|type),\s*\{[^{}]*?\breason: '(?<reason>[A-Z][A-Za-z]+)'/g },
  { pattern: /\{\s*type(?:: (?<type>'[A-Za-z]+'))?,\s*status: '(?<status>True|False|Unknown)'(?: as const)?,\s*reason: '(?<reason>[A-Z][A-Za-z]+)'/g },
];

/** Conditions whose type, status and reason all stand in the source; a `type` that is a constant is that of the function. */
export function findConditions(files: readonly SourceFile[]): ConditionReason[] {
  return files.flatMap(({ text }) => [
    ...conditionPatterns.flatMap(({ pattern }) =>
      Array.from(text.matchAll(pattern), ({ groups, index }) => ({
        type: groups?.['type']?.startsWith("'") === true ? groups['type'].slice(1, -1) : typeBefore(text.slice(0, index)),
        status: groups?.['status'] ?? '',
        reason: groups?.['reason'] ?? '',
      })),
    ),
    ...findObstacles(text),
  ]);
}

/** A file with a list of obstacles, `when(…, 'Reason', …)`, makes of them the one condition that takes them in. */
function findObstacles(text: string): ConditionReason[] {
  const taken = /type: '(?<type>[A-Za-z]+)', status: '(?<status>False|Unknown)', \.\.\.obstacle\b/.exec(text)?.groups;
  if (taken === undefined) return [];
  const obstacles = text.matchAll(/\bwhen\(.+?, '(?<reason>[A-Z][A-Za-z]+)', ['`]/g);
  return Array.from(obstacles, ({ groups }) => ({ type: taken['type'] ?? '', status: taken['status'] ?? '', reason: groups?.['reason'] ?? '' }));
}

/** `const type = '…'` of the function that the text ends in; '' where it is not a literal. */
function typeBefore(text: string): string {
  const start = text.lastIndexOf('\nfunction ') > text.lastIndexOf('\nexport function ') ? text.lastIndexOf('\nfunction ') : text.lastIndexOf('\nexport function ');
  return /\bconst type = '(?<type>[A-Za-z]+)'/.exec(text.slice(start))?.groups?.['type'] ?? '';
}

/** An event whose type and reason stand in the source. */
export interface EventReason {
  readonly type: string;
  readonly reason: string;
}

/** Events are the literals that have an action beside type and reason, and drift, of which each kind becomes a warning. */
export function findEvents(files: readonly SourceFile[]): EventReason[] {
  const literal = /type: '(?<type>Normal|Warning)',\s*reason: '(?<reason>[A-Z][A-Za-z]+)',\s*action\b/g;
  const either = /type: [A-Za-z]+ \? '(?<type>Normal|Warning)' : '(?<otherType>Normal|Warning)',\s*reason: [A-Za-z]+ \? '(?<reason>[A-Z][A-Za-z]+)' : '(?<other>[A-Z][A-Za-z]+)',\s*action\b/g;
  const normal = /\bnormal\('(?<reason>[A-Z][A-Za-z]+)', '/g;
  const drift = /\bdrifts\.push\(\{[^}]*\bkind: '(?<reason>[A-Z][A-Za-z]+)'/g;
  return files.flatMap(({ text }) => [
    ...Array.from(text.matchAll(either)).flatMap(({ groups }) => [
      { type: groups?.['type'] ?? '', reason: groups?.['reason'] ?? '' },
      { type: groups?.['otherType'] ?? '', reason: groups?.['other'] ?? '' },
    ]),
    ...Array.from(text.matchAll(drift), ({ groups }) => ({ type: 'Warning', reason: groups?.['reason'] ?? '' })),
    ...Array.from(text.matchAll(literal), ({ groups }) => ({ type: groups?.['type'] ?? '', reason: groups?.['reason'] ?? '' })),
    ...Array.from(text.matchAll(normal), ({ groups }) => ({ type: 'Normal', reason: groups?.['reason'] ?? '' })),
  ]);
}

/**
 * What keeps a RemovalCandidate where it is, as its condition Ready: True for what is fine, False for what is waited for and for what needs a
 * person.
 */
export function findStandings(files: readonly SourceFile[]): ConditionReason[] {
  const literal = /\bkind: '(?<kind>Fine|Waiting|NeedsPerson)', reason: '(?<reason>[A-Z][A-Za-z]+)'/g;
  const made = /\b(?:waiting|person)\(\s*'(?<reason>[A-Z][A-Za-z]+)'|\b(?:obstructed|failed)\(\{ reason: '(?<other>[A-Z][A-Za-z]+)'/g;
  return files.flatMap(({ text }) => [
    ...Array.from(text.matchAll(literal), ({ groups }) => ({ type: 'Ready', status: groups?.['kind'] === 'Fine' ? 'True' : 'False', reason: groups?.['reason'] ?? '' })),
    ...Array.from(text.matchAll(made), ({ groups }) => ({ type: 'Ready', status: 'False', reason: groups?.['reason'] ?? groups?.['other'] ?? '' })),
  ]);
}

/** Events of a RemovalCandidate that tell of a change of its state; a warning where the move says so, and where somebody has to look. */
export function findMoves(files: readonly SourceFile[]): EventReason[] {
  const literal = /\{\s*event: '[A-Z][A-Za-z]+',\s*reason: '(?<reason>[A-Z][A-Za-z]+)'(?<rest>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g;
  const made = /\b(?:obstructed|failed)\(\{ reason: '(?<reason>[A-Z][A-Za-z]+)'/g;
  const apart = /\bconst move = \{ reason: '(?<reason>[A-Z][A-Za-z]+)'/g;
  return files.flatMap(({ text }) => [
    ...Array.from(text.matchAll(literal), ({ groups }) => ({ type: groups?.['rest']?.includes('isWarning: true') === true ? 'Warning' : 'Normal', reason: groups?.['reason'] ?? '' })),
    ...Array.from(text.matchAll(made), ({ groups }) => ({ type: 'Warning', reason: groups?.['reason'] ?? '' })),
    ...Array.from(text.matchAll(apart), ({ groups }) => ({ type: 'Normal', reason: groups?.['reason'] ?? '' })),
  ]);
}
