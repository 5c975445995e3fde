import type { Clock } from '../api/clock.ts';
import { systemClock } from '../api/system-clock.ts';
import { exportAudit, readExportOptions, type ExportAuditOptions } from './audit-export.ts';
import { pruneAudit, readPruneOptions, type PruneAuditOptions } from './audit-prune.ts';
import { readVerifyOptions, verifyAudit, type VerifyAuditOptions } from './audit-verify.ts';
import { runCommand } from './position/run-command.ts';

export const auditUsage = `usage: saaslicense audit verify FILE... [--public-key FILE]... [--head HASH] [--partial]
       saaslicense audit export --out FOLDER [-n NAMESPACE] [--from TIME] [--to TIME]
       saaslicense audit prune FOLDER [-n NAMESPACE] [--older-than DAYS] [--public-key FILE]... [--yes]

verify checks audit records without a cluster: every hash, link, number, time and signature. FILE is the folder of an
export, its records.json, what kubectl get auditrecords -o json printed, or - for the standard input. It says which
record is the first bad one, and why.

  --public-key FILE  believe only this key, which you have kept apart (default: the one that came with the records)
  --head HASH        hash of a record that must be there: without it a cut-off end cannot be found out
  --partial          the records may begin later than number 0, as those of a period do

export reads the audit records of a namespace and writes an evidence pack: records.json and .csv, summary.json and .csv
by month and event, public-keys.pem, SHA256SUMS.

  --out FOLDER       folder to write, which only you may read; - writes records.json to the standard output
  --from, --to TIME  records from this time on, and before this time, such as 2026-11-01T00:00:00Z
  -n, --namespace NAME  namespace to read (default: that of the kubeconfig's context)
  --kubeconfig FILE, --context NAME  API server to use

prune deletes the beginning of a namespace's chain: records that the export in FOLDER holds, that are old enough and of
whose RemovalCandidates none is there any more. The chain must be intact. A signed record says what was pruned, so that
verify takes what is left, and takes export and rest together as one whole. Keep the export: the records are nowhere else.

  --older-than DAYS  prune records that are older (default: 1095, at least 400)
  --yes              delete them; without it prune only says which

exit codes: 0 intact, exported or pruned, 1 broken (verify) or it failed, 2 bad command line,
            3 exported, and the chain is broken`;

type AuditOptions = { readonly verify: VerifyAuditOptions } | { readonly export: ExportAuditOptions } | { readonly prune: PruneAuditOptions };

/** `saaslicense audit`: verifies, exports and prunes the audit trail (C24, D8). */
export async function runAuditCommand(argv: readonly string[], env: NodeJS.ProcessEnv, clock: Pick<Clock, 'now'> = systemClock): Promise<number> {
  const run = async (options: AuditOptions): Promise<number> => {
    if ('verify' in options) return verifyAudit(options.verify);
    return 'prune' in options ? pruneAudit(options.prune, { env, clock }) : exportAudit(options.export, { env, clock });
  };
  return runCommand<AuditOptions>({ name: 'audit', usage: auditUsage, read: readAuditOptions, run }, argv);
}

/** Throws an Error whose message says what is wrong with the command line. */
export function readAuditOptions([verb, ...rest]: readonly string[]): AuditOptions {
  if (verb === 'verify') return { verify: readVerifyOptions(rest) };
  if (verb === 'export') return { export: readExportOptions(rest) };
  if (verb === 'prune') return { prune: readPruneOptions(rest) };
  throw new Error('say verify, export or prune');
}
