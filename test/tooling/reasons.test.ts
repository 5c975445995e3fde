import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/product.ts';

const rooms = ['api', 'controllers', 'providers', 'refresh', 'licensing', 'kubernetes'];
/** A literal reason: a property, or the first or second argument of a function that makes a failure or a condition. */
const patterns = [
  /reason: '([A-Z][A-Za-z]+)'/g,
  /\b(?:terminal|waiting|retryable|terminalSchedule|failure)\(\s*'([A-Z][A-Za-z]+)'/g,
  /\bretry\(request, '([A-Z][A-Za-z]+)'/g,
  /\bis(?:True|Unknown)\(\s*(?:'[A-Za-z]+'|type),\s*'([A-Z][A-Za-z]+)'/g,
];

async function readSources(): Promise<string[]> {
  const files = await Promise.all(rooms.map((room) => readdir(join(root, 'operator', room), { recursive: true, withFileTypes: true })));
  const sources = files.flat().filter((file) => file.isFile() && file.name.endsWith('.ts') && !file.name.endsWith('.test.ts'));
  return Promise.all(sources.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
}

async function reasonsInCode(): Promise<Set<string>> {
  const found = new Set<string>();
  for (const text of await readSources()) {
    for (const pattern of patterns) for (const [, reason] of text.matchAll(pattern)) found.add(reason ?? '');
  }
  return found;
}

describe('docs/reasons.md', () => {
  it('explains every reason that the code can give, so that nobody meets one that is not written down', async () => {
    const reasons = await reasonsInCode();
    const page = await readFile(join(root, 'docs/reasons.md'), 'utf8');
    const explained = new Set(page.match(/\b[A-Z][A-Za-z]+\b/g));
    expect(reasons.size).toBeGreaterThan(60);
    expect([...reasons].filter((reason) => !explained.has(reason)).sort()).toEqual([]);
  });

  it('explains none that the code cannot give', async () => {
    const code = (await readSources()).join('\n');
    const page = await readFile(join(root, 'docs/reasons.md'), 'utf8');
    const rows = page.split('\n').filter((line) => /^\| [A-Z][A-Za-z]+(,| \|)/.test(line) && !line.startsWith('| Reason'));
    const named = rows.flatMap((row) => (row.split('|')[1] ?? '').split(',').map((name) => name.trim()));
    expect(named.filter((name) => !code.includes(`'${name}'`)).sort()).toEqual([]);
  });
});
