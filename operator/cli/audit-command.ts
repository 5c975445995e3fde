import type { Clock } from '../api/clock.ts';
import { systemClock } from '../api/system-clock.ts';
import { exportAudit, readExportOptions, type ExportAuditOptions } from './audit-export.ts';
import { readVerifyOptions, verifyAudit, type VerifyAuditOptions } from './audit-verify.ts';
import { runCommand } from './position/run-command.ts';

export const auditUsage = `usage: saaslicense audit verify FILE... [--public-key FILE]... [--head HASH] [--partial]
       saaslicense audit export --out FOLDER [-n NAMESPACE] [--from TIME] [--to TIME]

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

exit codes: 0 intact or exported, 1 broken (verify) or it failed and nothing was written, 2 bad command line,
            3 exported, and the chain is broken`;

type AuditOptions = { readonly verify: VerifyAuditOptions } | { readonly export: ExportAuditOptions };

/** `saaslicense audit`: verifies and exports the audit trail (C24, D8). */
export async function runAuditCommand(argv: readonly string[], env: NodeJS.ProcessEnv, clock: Pick<Clock, 'now'> = systemClock): Promise<number> {
  const run = async (options: AuditOptions): Promise<number> => ('verify' in options ? verifyAudit(options.verify) : exportAudit(options.export, { env, clock }));
  return runCommand<AuditOptions>({ name: 'audit', usage: auditUsage, read: readAuditOptions, run }, argv);
}

/** Throws an Error whose message says what is wrong with the command line. */
export function readAuditOptions([verb, ...rest]: readonly string[]): AuditOptions {
  if (verb === 'verify') return { verify: readVerifyOptions(rest) };
  if (verb === 'export') return { export: readExportOptions(rest) };
  throw new Error('say verify or export');
}
