import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { aliasConditionTypes } from '../../operator/controllers/connection-alias/decide-status.ts';
import { profileConditionTypes } from '../../operator/controllers/integration-profile/decide-conditions.ts';
import { root } from '../support/product.ts';

/** A test that the page names: its file, and a name of an `it`, or of a row of its table. */
interface Reference {
  readonly file: string;
  readonly name: string;
}

/** Cases that the page must have; each is a word of its first column. */
const cases = [
  'Download Subscriptions cleared',
  'over 60 days back',
  'a provider that nobody knows',
  'a changed type',
  'two forms of login',
  'a redirect URL over plain http',
  'parent aliases in a loop',
  'the Secret is missing',
  'the Secret is empty',
  'end in a line break',
  'in another namespace only',
  'cron nonsense',
  'a schedule that no calendar knows',
  'a time zone that does not exist',
  '401',
  '402',
  '403',
  '429',
  '5xx',
  'a time-out',
  'HTML',
  'cut off',
  'people come twice, vanish',
  'licences forbidden',
  'a refresh is killed half-way',
  'the API server restarts in a refresh',
  'CRDs older than the operator',
  'clock is minutes off',
];

function referencesIn(page: string): Reference[] {
  return Array.from(page.matchAll(/\]\(\.\.\/(?<file>test\/[^)]+\.ts)\)(?<names>(?: "[^"]+")+)/g)).flatMap(({ groups }) =>
    Array.from((groups?.['names'] ?? '').matchAll(/"([^"]+)"/g), ([, name]) => ({ file: groups?.['file'] ?? '', name: name ?? '' })),
  );
}

describe('docs/weather.md', () => {
  let page: string;

  beforeAll(async () => {
    page = await readFile(join(root, 'docs/weather.md'), 'utf8');
  });

  const rows = (): string[][] => page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:What|---)/.test(line)).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));

  it('has every case of bad weather', () => {
    const firsts = rows().map(([first = '']) => first);
    expect(cases.filter((each) => !firsts.some((first) => first.includes(each)))).toEqual([]);
  });

  it('names for each a test that there is', async () => {
    const references = referencesIn(page);
    expect(references.length).toBeGreaterThan(60);
    const missing: string[] = [];
    for (const { file, name } of references) {
      const text = await readFile(join(root, file), 'utf8').catch(() => '');
      // As a whole string of the source: the name of a test, or of a row of its table.
      if (!["'", '"', '`'].some((quote) => text.includes(`${quote}${name}${quote}`))) missing.push(`${file}: ${name}`);
    }
    expect(missing).toEqual([]);
  });

  it('leaves no case, and no link to a test, without one', () => {
    expect(rows().filter((cells) => referencesIn(cells.at(-1) ?? '').length === 0)).toEqual([]);
    const linked = new Set(page.match(/(?<=\]\(\.\.\/)test\/[^)]+(?=\))/g));
    expect(linked).toEqual(new Set(referencesIn(page).map(({ file }) => file)));
  });

  it('names only conditions that there are, and reasons that docs/reasons.md explains', async () => {
    const reasons = await readFile(join(root, 'docs/reasons.md'), 'utf8');
    const explained = reasons.split('\n').filter((line) => line.startsWith('| ')).flatMap((line) => (line.split('|')[1] ?? '').split(',').map((name) => name.trim()));
    const known = new Set([...explained, ...aliasConditionTypes, ...profileConditionTypes]);
    const named = Array.from(page.matchAll(/`([A-Z][A-Za-z]+)`/g), ([, name]) => name ?? '');
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});
