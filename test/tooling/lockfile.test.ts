import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/product.ts';

interface LockEntry {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

async function readEntries(): Promise<[string, LockEntry][]> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockEntry> };
  // The empty name is the project itself.
  return Object.entries(lock.packages).filter(([name]) => name !== '');
}

describe('package-lock.json', () => {
  it('holds the SHA-512 of every package: npm ci accepts nothing else, on any machine', async () => {
    const entries = await readEntries();
    const unpinned = entries.filter(([, entry]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(entry.integrity ?? '')).map(([name]) => name);
    expect(unpinned).toEqual([]);
    expect(entries.length).toBeGreaterThan(200);
  });

  it('names no registry and no folder: each machine chooses where it downloads from', async () => {
    const entries = await readEntries();
    expect(entries.filter(([, { resolved, link }]) => resolved !== undefined || link === true).map(([name]) => name)).toEqual([]);
  });
});
