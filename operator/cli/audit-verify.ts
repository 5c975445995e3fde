import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { terminal } from '../api/errors.ts';
import { recordName } from '../audit/chain.ts';
import { readPublicKey, type PublicAuditKey } from '../audit/keys.ts';
import { verifyChain, type VerifyReport } from '../audit/verify-chain.ts';
import { joinFiles, parseRecords, readText, type FiledRecord } from './audit-files.ts';
import { sha256 } from '../api/sha256.ts';
import { packFiles } from './audit-pack.ts';
import { showPlainly } from './workbench/plain-text.ts';

export interface VerifyAuditOptions {
  readonly files: readonly string[];
  readonly publicKeyFiles: readonly string[];
  readonly head: string | undefined;
  readonly allowsPartial: boolean;
}

/** Throws an Error whose message says what is wrong with the command line. */
export function readVerifyOptions(argv: readonly string[]): VerifyAuditOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: true,
    options: { 'public-key': { type: 'string', multiple: true, default: [] }, head: { type: 'string' }, partial: { type: 'boolean', default: false } },
  });
  if (positionals.length === 0) throw new Error('name the files with the records, or the folder of an export');
  if (values.head !== undefined && !/^sha256:[0-9a-f]{64}$/.test(values.head)) throw new Error('--head must be the hash of a record: sha256: and 64 hexadecimal digits');
  return { files: positionals, publicKeyFiles: values['public-key'], head: values.head, allowsPartial: values.partial };
}

/** Verifies records without a cluster: 0 when they are an unbroken chain, 1 when not (D8). */
export async function verifyAudit(options: VerifyAuditOptions): Promise<number> {
  const sources = await Promise.all(options.files.map(readSource));
  const given = (await Promise.all(options.publicKeyFiles.map(readKeys))).flat();
  const packed = sources.flatMap(({ keys }) => keys);
  const damaged = sources.flatMap(({ problems }) => problems);
  for (const problem of damaged) console.error(problem);
  const records = joinFiles(sources.map((source) => source.records));
  const { head, allowsPartial } = options;
  const report = verifyChain(records, { publicKeys: given.length > 0 ? given : packed, allowsPartial, ...(head === undefined ? {} : { head }) });
  console.log(describeReport(report, records, given.length > 0));
  return report.intact && damaged.length === 0 ? 0 : 1;
}

/** What a person reads; `isPinned`: the key did not come with the records. */
export function describeReport(report: VerifyReport, records: readonly FiledRecord[], isPinned: boolean): string {
  if (!report.intact) {
    const { fault, record, position, message } = report;
    const place = records[position - 1]?.where;
    const name = record === undefined ? 'the chain as a whole' : showPlainly(record) || 'a record without a name';
    return [`BROKEN: ${name}${record === undefined || place === undefined ? '' : ` (${place})`}: ${fault}: ${message}`, ...hintOf(fault)].join('\n');
  }
  const { count, first, last, keyIds } = report;
  return [
    `Intact: ${count} record(s), number ${first.sequence} of ${first.time} to number ${last.sequence} of ${last.time}, signed with ${keyIds.length === 1 ? 'key' : 'keys'} ${keyIds.join(', ')}.`,
    ...describeBeginning(report),
    `Head: ${last.hash}`,
    ...(isPinned ? [] : ['The key came with the records: whoever wrote all of them anew would have brought their own. Compare its id with the one that you kept, or give that key with --public-key.']),
  ].join('\n');
}

function describeBeginning({ first, pruned }: Extract<VerifyReport, { intact: true }>): string[] {
  if (first.sequence === 0) return [];
  const missing = `What came before number ${first.sequence} is not in these files`;
  return [pruned === undefined ? `${missing}.` : `${missing}: ${showPlainly(pruned.actor)} pruned it at ${pruned.time}, as ${recordName(pruned.sequence)} says.`];
}

function hintOf(fault: string): string[] {
  if (fault === 'Gap') return ['--partial verifies the records of a period, which begin later.'];
  if (fault === 'UnknownKey') return ['Give the public key that you kept with --public-key; an export has it in public-keys.pem.'];
  return [];
}

interface Source {
  readonly records: readonly FiledRecord[];
  readonly keys: readonly PublicAuditKey[];
  readonly problems: readonly string[];
}

/** A file of records, or the folder of an export. */
async function readSource(path: string): Promise<Source> {
  const names = path === '-' ? undefined : await readdir(path).catch(() => undefined);
  if (names === undefined) return { records: parseRecords(await readText(path), path), keys: [], problems: [] };
  const file = join(path, packFiles.records);
  const keys = names.includes(packFiles.keys) ? await readKeys(join(path, packFiles.keys)) : [];
  return { records: parseRecords(await readText(file), file), keys, problems: await findDamage(path) };
}

/** The files of an export that are not those that were written. */
export async function findDamage(folder: string): Promise<string[]> {
  const lines = (await readText(join(folder, packFiles.sums))).split('\n').filter((line) => line !== '');
  const checked = lines.map(async (line) => {
    const [, sum, name] = /^([0-9a-f]{64}) {2}([^/\\]+)$/.exec(line) ?? [];
    if (sum === undefined || name === undefined || basename(name) !== name) return `BROKEN: ${packFiles.sums}: has a line that is no sum of a file.`;
    const isSame = sha256(await readText(join(folder, name))) === sum;
    return isSame ? undefined : `BROKEN: ${name}: is not the file that was exported.`;
  });
  const told = (await Promise.all(checked)).filter((problem) => problem !== undefined);
  const missing = Object.values(packFiles).filter((name) => name !== packFiles.sums && !lines.some((line) => line.endsWith(`  ${name}`)));
  return [...told, ...missing.map((name) => `BROKEN: ${packFiles.sums}: does not tell the sum of ${name}.`)];
}

/** Every public key of a PEM file. */
export async function readKeys(file: string): Promise<PublicAuditKey[]> {
  const text = await readText(file);
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/g) ?? [];
  if (blocks.length === 0 && text.trim() !== '') throw terminal('AuditKeyInvalid', `${file} holds no public key as PEM: name public-keys.pem of an export, or the public-key.pem that you kept.`);
  return blocks.map((block) => readPublicKey(block, file));
}
