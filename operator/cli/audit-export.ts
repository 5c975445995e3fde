import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { auditRecordResource, type AuditRecord, type AuditRecordSpec } from '../api/audit-record.ts';
import { compact } from '../api/compact.ts';
import { OperatorError, terminal } from '../api/errors.ts';
import { fartherOf, findAnchor, type PruneAnchor } from '../audit/anchor.ts';
import type { PublicAuditKey } from '../audit/keys.ts';
import { createChainVerifier, type VerifyReport } from '../audit/verify-chain.ts';
import { carriedKey } from '../audit/verify-record.ts';
import { loadClusterConfig } from '../kubernetes/cluster-config.ts';
import { renderPack, renderRecords } from './audit-pack.ts';
import { openClusterReader, type ClusterReader } from './position/cluster-reader.ts';
import type { CommandContext } from './position/load-snapshot.ts';
import { print } from './position/run-command.ts';
import { toTime } from './position/snapshot-fields.ts';
import { clusterFlags, readSource, readTime, wholeSeconds } from './position/source-options.ts';
import { codeOf, writePrivately } from './position/write-file.ts';

export interface ExportAuditOptions {
  readonly namespace: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Milliseconds since the epoch; from is of the period, to is not. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Folder, or `-` for the records on the standard output. */
  readonly out: string;
}

/** Throws an Error whose message says what is wrong with the command line. */
export function readExportOptions(argv: readonly string[]): ExportAuditOptions {
  const { namespace: namespaceFlag, kubeconfig: kubeconfigFlag, context: contextFlag } = clusterFlags;
  const { values } = parseArgs({
    args: [...argv],
    strict: true,
    options: { namespace: namespaceFlag, kubeconfig: kubeconfigFlag, context: contextFlag, from: { type: 'string' }, to: { type: 'string' }, out: { type: 'string' } },
  });
  const { namespace, kubeconfig, context } = readSource({ namespace: values.namespace, kubeconfig: values.kubeconfig, context: values.context });
  const [from, to] = [readTime('--from', values.from), readTime('--to', values.to)];
  if (values.out === undefined || values.out === '') throw new Error('name the folder to write with --out, or - for the records on the standard output');
  if (from !== undefined && to !== undefined && to <= from) throw new Error('--to must be after --from');
  return { namespace, kubeconfig, context, from, to, out: values.out };
}

/** Writes an evidence pack: 0, or 3 when it was written and the chain is broken (D8). */
export async function exportAudit(options: ExportAuditOptions, { env, clock }: CommandContext): Promise<number> {
  const config = await loadClusterConfig({ env, ...compact({ kubeconfig: options.kubeconfig, context: options.context }) });
  const namespace = options.namespace ?? config.namespace;
  const reader = openClusterReader(config);
  try {
    const gathered = await retryBroken(async () => gatherChain(reader, { namespace, from: options.from, to: options.to }));
    if (gathered.records.length === 0) throw terminal('NoRecords', `There is no audit record in namespace ${namespace} in that period: name another namespace or period.`);
    if (options.out === '-') await print(renderRecords(gathered.records));
    else await writePack(options, { ...gathered, namespace, at: wholeSeconds(clock.now()) });
    return tell(gathered.verification, options.out === '-');
  } finally {
    await reader.close();
  }
}

/** A list that broke off is begun anew; a part of it never passes for the whole (guard 6). */
export async function retryBroken<T>(read: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await read();
    } catch (error) {
      if (tried === 4 || !(error instanceof OperatorError) || error.failure.kind !== 'Retryable') throw error;
      await delay(500 * tried);
    }
  }
}

/** Records of the period, and what the whole chain is worth. */
export interface GatheredChain {
  readonly records: readonly AuditRecordSpec[];
  readonly verification: VerifyReport;
  readonly publicKeys: readonly PublicAuditKey[];
  /** What the chain says of its pruned beginning, if it has been pruned. */
  readonly anchor: PruneAnchor | undefined;
}

interface Period {
  readonly namespace: string;
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Keys that are believed; without any, the one that the chain carries. */
  readonly publicKeys?: readonly PublicAuditKey[];
}

/** Reads the whole chain page by page, keeps the records of the period, and verifies all of it on the way. */
export async function gatherChain(reader: Pick<ClusterReader, 'pages'>, { namespace, from, to, publicKeys = [] }: Period): Promise<GatheredChain> {
  const anchor = await findPruning(reader, namespace);
  const verifier = createChainVerifier({ publicKeys, anchor });
  const records: AuditRecordSpec[] = [];
  const keys = new Map<string, PublicAuditKey>();
  for await (const page of reader.pages<AuditRecord>(auditRecordResource, { namespace, limit: pageSize })) {
    for (const { metadata, spec } of page) {
      verifier.add({ name: metadata.name, spec });
      const key = carriedKey(spec);
      if (key !== undefined) keys.set(key.id, key);
      if (isWithin(Date.parse(spec.time), from, to)) records.push(spec);
    }
  }
  return { records, verification: verifier.report(), publicKeys: [...keys.values()], anchor };
}

/** A chain that begins later than number 0 says why in a record that comes later: it is read twice, a page at a time. */
async function findPruning(reader: Pick<ClusterReader, 'pages'>, namespace: string): Promise<PruneAnchor | undefined> {
  let anchor: PruneAnchor | undefined;
  let isFirst = true;
  for await (const page of reader.pages<AuditRecord>(auditRecordResource, { namespace, limit: pageSize })) {
    if (isFirst && page[0]?.spec.sequence === 0) return undefined;
    isFirst = false;
    anchor = fartherOf(anchor, findAnchor(page));
  }
  return anchor;
}

const pageSize = 250;

function isWithin(time: number, from: number | undefined, to: number | undefined): boolean {
  // A record of no time is evidence too: it is left out of no period.
  return Number.isNaN(time) || (time >= (from ?? time) && (to === undefined || time < to));
}

async function writePack(options: ExportAuditOptions, { records, verification, publicKeys, namespace, at }: GatheredChain & { namespace: string; at: number }): Promise<void> {
  const time = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : toTime(ms));
  const files = renderPack({ namespace, at: toTime(at), from: time(options.from), to: time(options.to), records, verification, publicKeys });
  await mkdir(options.out, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw terminal('NotWritten', `${options.out} cannot be made (${codeOf(error)}): name a folder that may be written to.`);
  });
  for (const [name, text] of files) await writePrivately(join(options.out, name), text);
  console.log(`${options.out}: namespace ${namespace}: ${records.length} record(s).`);
}

/** Tells what the whole chain is worth; on the error output when the records go to the standard one. */
function tell(verification: VerifyReport, isPiped: boolean): number {
  const say = isPiped ? console.error : console.log;
  if (verification.intact) {
    say(`The chain is intact. Keep its head apart, to find out later whether its end was cut off: number ${verification.last.sequence}, ${verification.last.hash}`);
    return 0;
  }
  console.error(`The chain is BROKEN at ${verification.record ?? 'its whole'}: ${verification.fault}: ${verification.message}`);
  return 3;
}
