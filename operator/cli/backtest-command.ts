import { parseArgs } from 'node:util';
import { terminal } from '../api/errors.ts';
import { renderBacktest } from '../licensing/reclaim/backtest-text.ts';
import { createProviders } from '../providers/registry.ts';
import type { Provider } from '../providers/provider.ts';
import { print, runCommand } from './position/run-command.ts';
import { canonicalJson, readSnapshot } from './position/snapshot-file.ts';
import type { Snapshot } from './position/snapshot-schema.ts';
import { isName, oneOf } from './position/source-options.ts';
import { backtestSnapshots, type BacktestDocument } from './rule/backtest-snapshots.ts';
import { readRecordedSpec } from './rule/read-rule-spec.ts';
import { requireRules, type JudgedRule } from './rule/rule-scene.ts';
import { alignColumns } from './workbench/align-columns.ts';

export const backtestUsage = `usage: saaslicense backtest --from FILE... [OPTION]...

Replays recorded data: whom a rule would have found at each time, by threshold, and who of them came back. It needs no
cluster and writes nothing.

  --from FILE             recorded data of saaslicense snapshot; several, of different times
  --rule NAME             the ReclamationRule, as the latest of them has it (default: the rule that a new model gets, with
                          the action Remove)
  --profile NAME          the IntegrationProfile, where no rule is named and there are several
  --threshold DAYS[,DAYS]...  thresholds to compare (default: 30,60,90 and that of the rule)
  -o, --output FORMAT     text (default), json

exit codes: 0 shown, 1 it failed, 2 bad command line`;

export interface BacktestOptions {
  readonly files: readonly string[];
  readonly rule: string | undefined;
  readonly profile: string | undefined;
  /** Undefined: the usual ones, and that of the rule. */
  readonly thresholds: readonly number[] | undefined;
  readonly format: 'text' | 'json';
}

const usualThresholds = [30, 60, 90];
const maxThresholdDays = 1825;
const maxThresholds = 20;

/** `saaslicense backtest`: how well a threshold would have chosen (D3). */
export async function runBacktestCommand(argv: readonly string[]): Promise<number> {
  return runCommand({ name: 'backtest', usage: backtestUsage, read: readBacktestOptions, run: runBacktest }, argv);
}

/** Throws an Error whose message says what is wrong with the command line. */
export function readBacktestOptions(argv: readonly string[]): BacktestOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: true,
    options: {
      from: { type: 'string', multiple: true, default: [] },
      rule: { type: 'string' },
      profile: { type: 'string' },
      threshold: { type: 'string', multiple: true, default: [] },
      output: { type: 'string', short: 'o', default: 'text' },
    },
  });
  for (const flag of ['rule', 'profile'] as const) {
    const name = values[flag];
    if (name !== undefined && !isName(name)) throw new Error(`--${flag} must be a name of Kubernetes: lower case letters, digits, - and .`);
  }
  if (values.from.length === 0) throw new Error('--from must name recorded data of saaslicense snapshot');
  // As a shell spreads them: --from month-*.json gives the option its first file only.
  const files = [...values.from, ...positionals];
  return { files, rule: values.rule, profile: values.profile, thresholds: readThresholds(values.threshold), format: oneOf('--output', values.output, ['text', 'json']) };
}

function readThresholds(texts: readonly string[]): number[] | undefined {
  if (texts.length === 0) return undefined;
  const days = texts.flatMap((text) => text.split(',')).map((text) => (/^\d{1,4}$/.test(text) ? Number(text) : 0));
  if (days.some((each) => each < 1 || each > maxThresholdDays)) throw new Error(`--threshold must be numbers of days from 1 to ${maxThresholdDays}, such as 30,60,90`);
  if (days.length > maxThresholds) throw new Error(`--threshold must be at most ${maxThresholds} numbers`);
  return inOrder(days);
}

async function runBacktest(options: BacktestOptions): Promise<number> {
  const providers = createProviders();
  const snapshots = [];
  for (const file of options.files) snapshots.push(await readSnapshot(file));
  for (const snapshot of snapshots) requireRules(snapshot);
  const latest = snapshots.reduce((one, other) => (Date.parse(other.at) > Date.parse(one.at) ? other : one));
  const rule = chooseRule(latest, options, providers);
  const thresholds = options.thresholds ?? inOrder([...usualThresholds, rule.spec.lastActivityThresholdDays]);
  const document = backtestSnapshots(snapshots, { rule, thresholds, providers });
  await print(options.format === 'json' ? `${canonicalJson(document)}\n` : renderText(document));
  return 0;
}

function renderText(document: BacktestDocument): string {
  const notes = document.notes.length === 0 ? '' : `\nNotes\n${document.notes.map((note) => `  ${note}\n`).join('')}`;
  return `Rule ${document.rule} of profile ${document.profile}\n\n${renderBacktest(document, alignColumns)}${notes}`;
}

function chooseRule(latest: Snapshot, { rule: name, profile }: BacktestOptions, providers: readonly Provider[]): JudgedRule {
  if (name === undefined) return defaultRule(latest, profile, providers);
  const recorded = requireRules(latest).find((one) => one.name === name);
  if (recorded === undefined) throw terminal('NoRule', `There is no ReclamationRule ${name} in the latest of the snapshots, which is of ${latest.at}.`);
  return { name, spec: readRecordedSpec(name, recorded.spec, providers) };
}

/** Everything at its default, for all of a profile. */
function defaultRule({ profiles }: Snapshot, wished: string | undefined, providers: readonly Provider[]): JudgedRule {
  const names = profiles.map(({ name }) => name);
  const profile = wished ?? (names.length === 1 ? names[0] : undefined);
  if (profile === undefined) throw terminal('NoProfile', `Say with --rule or --profile what is meant; there are the profiles ${names.slice(0, 10).join(', ')}.`);
  return { name: 'default', spec: readRecordedSpec('default', { profileRef: { name: profile }, action: 'Remove' }, providers) };
}

function inOrder(days: readonly number[]): number[] {
  return [...new Set(days)].toSorted((a, b) => a - b);
}
