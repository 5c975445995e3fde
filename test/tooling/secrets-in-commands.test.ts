import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/product.ts';

it('guard 7: no command that people are told puts a secret on the command line, where the shell and every process list keep it', async () => {
  const telling: string[] = [];
  for await (const file of glob(['README.md', 'docs/**/*.md', 'config/**/*.yaml', 'charts/**/*.{txt,yaml,tpl}'], { cwd: root })) {
    if (/--from-literal=(clientSecret|token)=/.test(await readFile(join(root, file), 'utf8'))) telling.push(file);
  }
  expect(telling).toEqual([]);
});
