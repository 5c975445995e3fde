import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** A test whose name mentions a requirement row. */
export interface RowTest {
  /** Such as S38. */
  readonly row: string;
  /** File of the test, relative to the root of the repository. */
  readonly file: string;
  readonly name: string;
}

const folders = ['operator', 'test'];
/** A name in an `it`, `describe` or row of an `it.each` table: a quoted text that begins with rows, or mentions one before a colon. */
const quoted = /(?<quote>['"`])(?<name>(?:\\.|(?!\k<quote>)[^\\\n])*)\k<quote>/g;
const prefix = /^(?<rows>[SLTCD]\d{1,2}(?:(?:, ?| and |–|-)[SLTCD]?\d{1,2})*)(?:: | )/;
const range = /(?<letter>[SLTCD])?(?<from>\d{1,2})(?:(?:–|-)[SLTCD]?(?<to>\d{1,2}))?/g;

/** Every test that names a row, in the order of files. */
export async function findRowTests(root: string): Promise<RowTest[]> {
  const found: RowTest[] = [];
  for (const file of await listTests(root)) {
    const text = await readFile(file, 'utf8');
    for (const { groups } of text.matchAll(quoted)) {
      const name = groups?.['name'] ?? '';
      for (const row of rowsOf(name)) found.push({ row, file: relative(root, file), name });
    }
  }
  return found;
}

/** Rows that a test's name begins with: `S15, S16: …`, `S69–S72: …`. */
export function rowsOf(name: string): string[] {
  const rows = prefix.exec(name)?.groups?.['rows'];
  if (rows === undefined) return [];
  let letter = '';
  return Array.from(rows.matchAll(range)).flatMap(({ groups }) => {
    letter = groups?.['letter'] ?? letter;
    const from = Number(groups?.['from']);
    const to = Number(groups?.['to'] ?? from);
    return Array.from({ length: Math.max(0, to - from) + 1 }, (_, index) => `${letter}${from + index}`);
  });
}

/** Tests, suites that several run (`…-contract.ts`), and tables of cases that several are made from (`…-cases.ts`). */
async function listTests(root: string): Promise<string[]> {
  const listed = await Promise.all(folders.map((folder) => readdir(join(root, folder), { recursive: true, withFileTypes: true })));
  const files = listed.flat().filter((entry) => entry.isFile() && /\.test\.ts$|-(?:contract|cases)\.ts$/.test(entry.name));
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}
