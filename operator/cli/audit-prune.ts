import { parseArgs } from 'node:util';
import { auditRecordResource, type AuditRecordSpec } from '../api/audit-record.ts';
import { compact } from '../api/compact.ts';
import { terminal } from '../api/errors.ts';
import { removalCandidateResource } from '../api/removal-candidate.ts';
import { steadyClock, systemClock } from '../api/system-clock.ts';
import { pruneEntry } from '../audit/anchor.ts';
import { createAuditTrail } from '../audit/audit-trail.ts';
import { recordName } from '../audit/chain.ts';
import { readAuditKeys } from '../audit/key-secret.ts';
import { planPrune, type PrunePlan } from '../audit/plan-prune.ts';
import { createClockMeter, type ClockMeter } from '../kubernetes/clock-trust.ts';
import { loadClusterConfig } from '../kubernetes/cluster-config.ts';
import { createKubernetesClient, type WatchingClient } from '../kubernetes/http-client.ts';
import { retryBroken, gatherChain, type GatheredChain } from './audit-export.ts';
import { parseRecords, readText } from './audit-files.ts';
import { sha256 } from '../api/sha256.ts';
import { packFiles } from './audit-pack.ts';
import { findDamage, readKeys } from './audit-verify.ts';
import { findOwnName } from './candidate/decide-flow.ts';
import type { CommandContext } from './position/load-snapshot.ts';
import { clusterFlags, readSource } from './position/source-options.ts';

export interface PruneAuditOptions {
  readonly namespace: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Folder of an export that holds what is pruned. */
  readonly pack: string;
  readonly publicKeyFiles: readonly string[];
  readonly olderThanDays: number;
  /** Whether anything is deleted, or only said. */
  readonly isConfirmed: boolean;
}

/** A candidate may be open for a year, and its undo and cool-down last as long: what happened to it must be known until then. */
const leastDays = 400;
const defaultDays = 730 + 365;
const dayMs = 24 * 3_600_000;

/** Throws an Error whose message says what is wrong with the command line. */
export function readPruneOptions(argv: readonly string[]): PruneAuditOptions {
  const { namespace: namespaceFlag, kubeconfig: kubeconfigFlag, context: contextFlag } = clusterFlags;
  const { values, positionals } = parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: true,
    options: {
      namespace: namespaceFlag,
      kubeconfig: kubeconfigFlag,
      context: contextFlag,
      'public-key': { type: 'string', multiple: true, default: [] },
      'older-than': { type: 'string', default: String(defaultDays) },
      yes: { type: 'boolean', default: false },
    },
  });
  const [pack, ...others] = positionals;
  if (pack === undefined || others.length > 0) throw new Error('name one folder that saaslicense audit export has written');
  const olderThanDays = Number(values['older-than']);
  if (!/^\d{1,5}$/.test(values['older-than']) || olderThanDays < leastDays) throw new Error(`--older-than must be a number of days from ${leastDays}`);
  const { namespace, kubeconfig, context } = readSource({ namespace: values.namespace, kubeconfig: values.kubeconfig, context: values.context });
  return { namespace, kubeconfig, context, pack, publicKeyFiles: values['public-key'], olderThanDays, isConfirmed: values.yes };
}

/** Deletes the beginning of a chain that an export holds: 0 when it was pruned or there is nothing to prune. */
export async function pruneAudit(options: PruneAuditOptions, { env, clock }: CommandContext): Promise<number> {
  const config = await loadClusterConfig({ env, ...compact({ kubeconfig: options.kubeconfig, context: options.context }) });
  const namespace = options.namespace ?? config.namespace;
  const meter: { current: ClockMeter | undefined } = { current: undefined };
  const client = createKubernetesClient(config, { clock: systemClock, userAgent: 'saaslicense-audit', onRequest: (report) => meter.current?.observe(report) });
  meter.current = createClockMeter({ clock, steady: steadyClock, request: async () => findOwnName({ client }) });
  try {
    return await prune({ namespace, client, meter: meter.current, now: () => clock.now() }, options);
  } finally {
    await client.close();
  }
}

interface PruneTools {
  readonly namespace: string;
  readonly client: WatchingClient;
  readonly meter: ClockMeter;
  readonly now: () => number;
}

async function prune(tools: PruneTools, options: PruneAuditOptions): Promise<number> {
  const { namespace, client, meter } = tools;
  const exported = await readPack(options.pack);
  const actor = await findOwnName({ client });
  const gathered = await gatherVerified(tools, options.publicKeyFiles);
  // Guard 11: the age of a record is told by this clock.
  if (!meter.isTrusted()) throw terminal('ClockSkewed', 'This machine’s clock and the API server’s differ by more than a minute, so the age of records is unknown: synchronise the clock.');
  const plan = planPrune({ chain: gathered.records, exported: exported.records, candidates: await namesOfCandidates(tools), before: tools.now() - options.olderThanDays * dayMs });
  console.log(describePlan(plan, namespace));
  if (plan.records.length === 0 || !options.isConfirmed) {
    if (plan.records.length > 0) console.log('Nothing was deleted. Store the export safely, then repeat the command with --yes to delete the records.');
    return 0;
  }
  await anchor(plan, { ...tools, gathered, actor, exportSha256: exported.sha256 });
  await deleteRecords(plan.records, tools);
  const { verification } = await gatherVerified(tools, options.publicKeyFiles);
  console.log(`The chain of namespace ${namespace} begins with ${recordName(verification.first.sequence)} and is intact. The export and the remaining records are the whole chain: saaslicense audit verify accepts both together.`);
  return 0;
}

/** The export, whole and unchanged. */
async function readPack(pack: string): Promise<{ records: unknown[]; sha256: string }> {
  const problems = await findDamage(pack);
  if (problems.length > 0) throw terminal('ExportDamaged', `${problems.join(' ')} Nothing was deleted: export the records again.`);
  const text = await readText(`${pack}/${packFiles.records}`);
  return { records: parseRecords(text, pack).map(({ spec }) => spec), sha256: sha256(text) };
}

async function gatherVerified({ client, namespace }: PruneTools, publicKeyFiles: readonly string[]): Promise<GatheredChain & { verification: { intact: true } }> {
  const publicKeys = (await Promise.all(publicKeyFiles.map(readKeys))).flat();
  const gathered = await retryBroken(async () => gatherChain(client, { namespace, from: undefined, to: undefined, publicKeys }));
  const { verification } = gathered;
  if (!verification.intact) throw terminal('AuditChainBroken', `The chain is broken at ${verification.record ?? 'its whole'} (${verification.fault}): ${verification.message} Nothing more was deleted: find out why first.`);
  return { ...gathered, verification };
}

async function namesOfCandidates({ client, namespace }: PruneTools): Promise<Set<string>> {
  return retryBroken(async () => {
    const names = new Set<string>();
    for await (const page of client.pages(removalCandidateResource, { namespace, metadataOnly: true })) for (const { metadata } of page) names.add(metadata.name);
    return names;
  });
}

function describePlan({ records, stay }: PrunePlan, namespace: string): string {
  const [first, last] = [records[0], records.at(-1)];
  const kept = stay === undefined ? '' : ` ${recordName(stay.record.sequence)} stays: ${stay.why}.`;
  if (first === undefined || last === undefined) return `Namespace ${namespace}: no record is to be pruned.${kept}`;
  return `Namespace ${namespace}: ${records.length} record(s) to prune, ${recordName(first.sequence)} of ${first.time} to ${recordName(last.sequence)} of ${last.time}.${kept}`;
}

interface AnchorTools extends PruneTools {
  readonly gathered: GatheredChain;
  readonly actor: string;
  readonly exportSha256: string;
}

/** Records what is about to be deleted, unless a pruning that was interrupted has recorded it already. */
async function anchor({ records, stay }: PrunePlan, { gathered, client, namespace, actor, exportSha256 }: AnchorTools): Promise<void> {
  const last = records.at(-1);
  if (last === undefined || stay === undefined || (gathered.anchor !== undefined && gathered.anchor.through >= last.sequence)) return;
  const signal = AbortSignal.timeout(60_000);
  const keys = await readAuditKeys(client, namespace, signal);
  const next = [...gathered.publicKeys, ...[keys?.signer, keys?.next].filter((key) => key !== undefined)].find(({ id }) => id === stay.record.keyId);
  if (next === undefined) throw terminal('AuditKeyMissing', `The public key ${stay.record.keyId}, which signed ${recordName(stay.record.sequence)}, is neither in the chain nor in the Secret saaslicense-audit-key: nothing was deleted.`);
  const trail = createAuditTrail({ client, clock: systemClock, createSecret: noSecret, identity: 'saaslicense-audit-prune' });
  await trail.append(namespace, pruneEntry(actor, { last, next, count: records.length, exportSha256 }), signal);
}

/** A chain that is there has its key. */
function noSecret(): string {
  throw terminal('AuditKeyMissing', 'The Secret saaslicense-audit-key is not in the namespace: restore it from a backup. Nothing was deleted.');
}

/** The oldest first, so that what is left is always one piece. */
async function deleteRecords(records: readonly AuditRecordSpec[], { client, namespace }: PruneTools): Promise<void> {
  for (const { sequence } of records) await client.delete(auditRecordResource, { namespace, name: recordName(sequence) });
}
