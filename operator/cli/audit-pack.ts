import { sha256 } from '../api/sha256.ts';
import type { AuditEvent, AuditRecordSpec } from '../api/audit-record.ts';
import { recordName } from '../audit/chain.ts';
import { writePublicKey, type PublicAuditKey } from '../audit/keys.ts';
import type { VerifyReport } from '../audit/verify-chain.ts';
import { renderCsvLines } from './workbench/csv.ts';

/** What an evidence pack is made from. */
export interface PackContent {
  readonly namespace: string;
  /** When it was exported; RFC 3339. */
  readonly at: string;
  /** The period that was asked for; RFC 3339. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Of the period, in order. */
  readonly records: readonly AuditRecordSpec[];
  /** Of the whole chain. */
  readonly verification: VerifyReport;
  /** Keys that the chain carries. */
  readonly publicKeys: readonly PublicAuditKey[];
}

export const packFiles = { records: 'records.json', rows: 'records.csv', summary: 'summary.json', summaryRows: 'summary.csv', keys: 'public-keys.pem', sums: 'SHA256SUMS' } as const;

/** Texts by the name of the file; the sums come last (D8). */
export function renderPack(content: PackContent): ReadonlyMap<string, string> {
  const months = sumByMonth(content.records);
  const files = new Map<string, string>([
    [packFiles.records, renderRecords(content.records)],
    [packFiles.rows, renderRows(content.records)],
    [packFiles.summary, renderSummary(content, months)],
    [packFiles.summaryRows, renderCsvLines(['month', 'event', 'records', 'candidates', 'people'], months.map(({ month, event, records, candidates, people }) => [month, event, records, candidates, people]))],
    [packFiles.keys, content.publicKeys.map((key) => `# key ${key.id}\n${writePublicKey(key)}`).join('')],
  ]);
  const sums = [...files].map(([name, text]) => `${sha256(text)}  ${name}\n`).join('');
  return new Map([...files, [packFiles.sums, sums]]);
}

/** One record a line, so that a damaged line does not hide the others; nothing is in it that the hashes do not cover. */
export function renderRecords(records: readonly AuditRecordSpec[]): string {
  return `[\n${records.map((spec) => JSON.stringify({ metadata: { name: recordName(spec.sequence) }, spec })).join(',\n')}\n]\n`;
}

const columns = ['sequence', 'time', 'event', 'profile', 'rule', 'candidate', 'origin', 'externalUserId', 'actor', 'data', 'previous', 'hash', 'keyId', 'signature'] as const;

/** To look at; what is verified is the JSON, since a spreadsheet is kept from calculating with cells that look like formulas. */
function renderRows(records: readonly AuditRecordSpec[]): string {
  const cellOf = (spec: AuditRecordSpec, column: (typeof columns)[number]): string | number | undefined => {
    if (column !== 'data') return spec[column];
    return spec.data === undefined ? undefined : JSON.stringify(Object.fromEntries(spec.data.map(({ key, value }) => [key, value])));
  };
  return renderCsvLines(columns, records.map((spec) => columns.map((column) => cellOf(spec, column))));
}

interface MonthSum {
  readonly month: string;
  readonly event: AuditEvent;
  readonly records: number;
  /** Different candidates and people among them. */
  readonly candidates: number;
  readonly people: number;
}

/** Records by month of UTC and event, in that order. */
export function sumByMonth(records: readonly AuditRecordSpec[]): MonthSum[] {
  const groups = Map.groupBy(records, ({ time, event }) => `${time.slice(0, 7)} ${event}`);
  return [...groups.values()].map((group) => sumGroup(group)).toSorted((a, b) => (`${a.month} ${a.event}` < `${b.month} ${b.event}` ? -1 : 1));
}

function sumGroup(group: readonly AuditRecordSpec[]): MonthSum {
  const [first] = group;
  if (first === undefined) throw new Error('a group has a member');
  const count = (values: readonly (string | undefined)[]): number => new Set(values.filter((value) => value !== undefined)).size;
  return { month: first.time.slice(0, 7), event: first.event, records: group.length, candidates: count(group.map(({ candidate }) => candidate)), people: count(group.map(({ externalUserId }) => externalUserId)) };
}

function renderSummary({ namespace, at, from, to, records, verification, publicKeys }: PackContent, months: readonly MonthSum[]): string {
  const ends = [records[0], records.at(-1)].map((spec) => (spec === undefined ? null : { sequence: spec.sequence, time: spec.time, hash: spec.hash }));
  const whole = verification.intact ? { intact: true, records: verification.count, head: verification.last } : { ...verification };
  const summary = { namespace, exportedAt: at, from: from ?? null, to: to ?? null, records: records.length, first: ends[0], last: ends[1], chain: whole, keyIds: publicKeys.map(({ id }) => id), months };
  return `${JSON.stringify(summary, undefined, 2)}\n`;
}
