import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { fillBlock, renderTable } from './generated-block.ts';
import { renderGeneratedFiles } from './generated-files.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('a generated block', () => {
  const page = '# Title\n\nBy hand.\n\n<!-- generated:fields -->\nold\n<!-- /generated:fields -->\n\nBy hand too.\n';

  it('is replaced, and what people wrote around it stays', () => {
    expect(fillBlock(page, 'fields', 'new\n')).toBe(
      '# Title\n\nBy hand.\n\n<!-- generated:fields -->\n\nnew\n\n<!-- /generated:fields -->\n\nBy hand too.\n',
    );
  });

  it('is the same when filled twice', () => {
    const once = fillBlock(page, 'fields', 'a | b $1');
    expect(fillBlock(once, 'fields', 'a | b $1')).toBe(once);
  });

  it.each([
    ['no markers', 'nothing'],
    ['no end', '<!-- generated:fields -->'],
    ['the end first', '<!-- /generated:fields --><!-- generated:fields -->'],
    ['two of them', page + page],
  ])('is refused with %s', (_name, text) => {
    expect(() => fillBlock(text, 'fields', 'x')).toThrow('once each');
  });

  it('keeps a table whole when a cell holds a bar or a line break', () => {
    expect(renderTable(['A'], [['x|y\nz']])).toBe('| A |\n| --- |\n| x\\|y z |');
  });
});

describe('npm run generate', () => {
  it('was run: every generated file is what it would write', async () => {
    const stale: string[] = [];
    for (const { path, text } of await renderGeneratedFiles(root)) {
      if ((await readFile(`${root}/${path}`, 'utf8').catch(() => undefined)) !== text) stale.push(path);
    }
    expect(stale, 'run `npm run generate` and commit the result').toEqual([]);
  });

  it('writes CRDs that are plain YAML: no aliases, one document, the same after reading', async () => {
    const files = (await renderGeneratedFiles(root)).filter(({ path }) => /^crds\/saaslicense\.dev_.*\.yaml$/.test(path));
    expect(files).toHaveLength(9);
    for (const { text = '' } of files) {
      expect(text).toMatch(/^# Made from operator\/api/);
      expect(text).not.toMatch(/^\s*[\w-]+: [&*]\w/m);
      expect(parse(text)).toMatchObject({ kind: 'CustomResourceDefinition' });
    }
  });
});
