import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/product.ts';
import { findReasons, readSources } from './source-reasons.ts';

const rooms = ['api', 'controllers', 'providers', 'refresh', 'licensing', 'kubernetes', 'notices', 'audit'];

describe('docs/reasons.md', () => {
  it('explains every reason that the code can give, so that nobody meets one that is not written down', async () => {
    const reasons = findReasons(await readSources(root, rooms));
    const page = await readFile(join(root, 'docs/reasons.md'), 'utf8');
    const explained = new Set(page.match(/\b[A-Z][A-Za-z]+\b/g));
    expect(reasons.size).toBeGreaterThan(120);
    expect([...reasons].filter((reason) => !explained.has(reason)).sort()).toEqual([]);
  });

  it('explains none that the code cannot give', async () => {
    const code = (await readSources(root, rooms)).map(({ text }) => text).join('\n');
    const page = await readFile(join(root, 'docs/reasons.md'), 'utf8');
    const rows = page.split('\n').filter((line) => /^\| [A-Z][A-Za-z]+(,| \|)/.test(line) && !line.startsWith('| Reason'));
    const named = rows.flatMap((row) => (row.split('|')[1] ?? '').split(',').map((name) => name.trim()));
    expect(named.filter((name) => !code.includes(`'${name}'`)).sort()).toEqual([]);
  });
});
