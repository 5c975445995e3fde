import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { auditStart, claimAll, firstKey, makeChain, secondKey } from '../../test/support/audit-records.ts';
import { parseCsv } from '../../test/support/parse-csv.ts';
import type { AuditRecordSpec } from '../api/audit-record.ts';
import { recordName } from '../audit/chain.ts';
import { writePublicKey } from '../audit/keys.ts';
import { verifyChain } from '../audit/verify-chain.ts';
import { runAuditCommand } from './audit-command.ts';
import { parseRecords } from './audit-files.ts';
import { packFiles, renderPack, renderRecords, sumByMonth, type PackContent } from './audit-pack.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saaslicense-audit-'));
});
afterAll(async () => rm(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

function contentOf(records: readonly AuditRecordSpec[]): PackContent {
  return { namespace: 'tenant', at: '2026-11-25T00:00:00Z', from: undefined, to: undefined, records, verification: verifyChain(claimAll(records), { publicKeys: [] }), publicKeys: [firstKey, secondKey] };
}

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

async function writePack(name: string, records: readonly AuditRecordSpec[]): Promise<string> {
  const at = await mkdtemp(join(folder, name));
  for (const [file, text] of renderPack(contentOf(records))) await writeFile(join(at, file), text);
  return at;
}

async function run(...argv: string[]): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  for (const method of ['log', 'error'] as const) vi.spyOn(console, method).mockImplementation((line: string) => void lines.push(line));
  const code = await runAuditCommand(argv, {});
  return { code, said: lines.join('\n') };
}

describe('saaslicense audit verify', () => {
  it('C24, D8: takes an export, a file of records, and what kubectl prints', async () => {
    const specs = makeChain(6, 3);
    const pack = await writePack('whole', specs);
    const list = await write('list.json', JSON.stringify({ kind: 'List', items: specs.map((spec) => ({ kind: 'AuditRecord', metadata: { name: recordName(spec.sequence), namespace: 'x', managedFields: [] }, spec })) }, undefined, 2));
    const lines = await write('lines.json', specs.map((spec) => JSON.stringify({ metadata: { name: recordName(spec.sequence) }, spec })).join('\n'));
    for (const file of [pack, join(pack, packFiles.records), list, lines]) {
      const { code, said } = await run('verify', file);
      expect([file, code]).toEqual([file, 0]);
      expect(said).toContain('Intact: 6 record(s)');
      expect(said).toContain(`Head: ${specs[5]?.hash}`);
      expect(said).toContain('The key came with the records');
    }
  });

  it('D8: believes only the key that is handed in', async () => {
    const file = await write('chain.json', renderRecords(makeChain(4)));
    const own = await write('own.pem', writePublicKey(firstKey));
    const other = await write('other.pem', writePublicKey(secondKey));
    expect(await run('verify', file, '--public-key', own)).toMatchObject({ code: 0, said: expect.not.stringContaining('came with the records') as string });
    const { code, said } = await run('verify', file, '--public-key', other);
    expect([code, said]).toEqual([1, expect.stringContaining(`BROKEN: ${recordName(0)} (${file}, record 1): UnknownKey`)]);
  });

  it('D8: a cut-off end is found out by the head', async () => {
    const specs = makeChain(5);
    const file = await write('cut.json', renderRecords(specs.slice(0, 4)));
    expect((await run('verify', file)).code).toBe(0);
    expect(await run('verify', file, '--head', specs[4]?.hash ?? '')).toMatchObject({ code: 1, said: expect.stringContaining('the chain as a whole: Head') as string });
  });

  it('D8: files of successive periods are one chain, and one of a period needs --partial', async () => {
    const specs = makeChain(6);
    const [early, late] = [await write('early.json', renderRecords(specs.slice(0, 4))), await write('late.json', renderRecords(specs.slice(3)))];
    expect((await run('verify', early, late)).code).toBe(0);
    expect(await run('verify', late)).toMatchObject({ code: 1, said: expect.stringContaining('--partial') as string });
    const own = await write('own.pem', writePublicKey(firstKey));
    expect(await run('verify', late, '--partial', '--public-key', own)).toMatchObject({ code: 0, said: expect.stringContaining('What came before number 3') as string });
  });

  it('D8: every flipped byte of records.json is found, and the bad record is named', () => {
    const specs = makeChain(4);
    const text = renderRecords(specs);
    const bytes = Buffer.from(text);
    let flips = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped[at] = bytes[at]! ^ 1;
      const changed = flipped.toString('utf8');
      // The four kinds of white space mean the same to JSON; SHA256SUMS tells them apart.
      if (JSON.stringify(parse(changed)) === JSON.stringify(parse(text))) continue;
      const records = parseRecords(changed, 'f');
      const report = verifyChain(records, { publicKeys: [firstKey] });
      flips += 1;
      expect([at, report.intact]).toEqual([at, false]);
      const line = text.slice(0, bytes.subarray(0, at).toString('utf8').length).split('\n').length - 1;
      // What stands between two records belongs to either; what stands around all of them, to none.
      if (!report.intact && line >= 1 && line <= specs.length && text.charAt(at) !== '\n') expect([at, [line, line + 1]]).toEqual([at, expect.arrayContaining([report.position])]);
    }
    expect(flips).toBeGreaterThan(1500);
  });

  it('D8: a file of a pack that was changed is told, whichever it is', async () => {
    for (const name of Object.values(packFiles)) {
      const pack = await writePack('changed', makeChain(3));
      const text = await readFile(join(pack, name), 'utf8');
      await writeFile(join(pack, name), name === packFiles.sums ? text.replace('records.csv', 'records.cvs') : `${text} `);
      const { code, said } = await run('verify', pack);
      expect([name, code]).toEqual([name, 1]);
      expect(said).toContain(name === packFiles.sums ? 'records.cvs' : `BROKEN: ${name}: is not the file`);
    }
  });

  it('names of records cannot drive a terminal', async () => {
    const file = await write('hostile.json', JSON.stringify([{ metadata: { name: '\u001B[2J' }, spec: {} }]));
    const { said } = await run('verify', file);
    expect(said).not.toContain('\u001B');
  });

  it.each([[[]], [['verify']], [['export']], [['verify', 'f', '--head', 'x']], [['export', '--out', 'd', '--from', 'yesterday']], [['export', '--out', 'd', '--from', '2026-11-24T00:00:00Z', '--to', '2026-11-24T00:00:00Z']], [['prove']], [['prune']], [['prune', 'a', 'b']], [['prune', 'a', '--older-than', '399']], [['prune', 'a', '--older-than', 'x']]])('a bad command line %j is refused with the usage', async (argv) => {
    expect(await run(...argv)).toMatchObject({ code: 2, said: expect.stringContaining('usage: saaslicense audit') as string });
  });

  it('a file that is not there is told', async () => {
    expect(await run('verify', join(folder, 'nothing.json'))).toMatchObject({ code: 1, said: expect.stringContaining('cannot be read (ENOENT)') as string });
  });
});

describe('the evidence pack', () => {
  it('D8: sums by month and event, and counts candidates and people once', () => {
    const specs = makeChain(9);
    const later = specs.map((spec, index) => (index < 5 ? spec : { ...spec, time: '2026-12-01T00:00:00.000Z' }));
    expect(sumByMonth(later)).toEqual([
      { month: '2026-11', event: 'CandidateOpened', records: 1, candidates: 1, people: 1 },
      { month: '2026-11', event: 'ChainStarted', records: 1, candidates: 0, people: 0 },
      { month: '2026-11', event: 'Decided', records: 1, candidates: 1, people: 1 },
      { month: '2026-11', event: 'WriteDone', records: 1, candidates: 1, people: 1 },
      { month: '2026-11', event: 'WriteIntended', records: 1, candidates: 1, people: 1 },
      { month: '2026-12', event: 'CandidateOpened', records: 1, candidates: 1, people: 1 },
      { month: '2026-12', event: 'Decided', records: 1, candidates: 1, people: 1 },
      { month: '2026-12', event: 'WriteDone', records: 1, candidates: 1, people: 1 },
      { month: '2026-12', event: 'WriteIntended', records: 1, candidates: 1, people: 1 },
    ]);
  });

  it('D8: has the same records as rows, its sums and the keys', () => {
    const specs = makeChain(5);
    const files = renderPack(contentOf(specs));
    expect([...files.keys()]).toEqual(Object.values(packFiles));
    const rows = parseCsv(files.get(packFiles.rows) ?? '');
    expect(rows).toHaveLength(specs.length + 1);
    expect(rows[2]?.[2]).toBe('Decided');
    expect(JSON.parse(files.get(packFiles.summary) ?? '')).toMatchObject({ namespace: 'tenant', records: 5, first: { sequence: 0 }, last: { sequence: 4, time: new Date(auditStart + 4000).toISOString() }, chain: { intact: true } });
    expect(files.get(packFiles.keys)).not.toContain('PRIVATE');
  });
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
