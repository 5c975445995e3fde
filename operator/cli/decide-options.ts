import { parseArgs } from 'node:util';
import type { Verdict } from '../api/removal-candidate.ts';
import { isName } from './position/source-options.ts';

export const decideUsage = `usage: saaslicense decide CANDIDATE... VERDICT --reason TEXT [OPTION]...
       saaslicense decide --all-ready --rule NAME VERDICT --reason TEXT [--yes] [OPTION]...

Writes the decision of a person on RemovalCandidates (spec.decision). What is decided is done by the operator, which asks
every guard again at that moment. A candidate that is closed is refused.

  --reclaim              go on with it
  --keep                 close it, and do not propose it again for a while
  --resume               try again what is AttentionRequired
  --close-complete       it was done elsewhere
  --close-skipped        it is not to be done
  --reason TEXT          why; it is recorded
  --by NAME              who decides (default: the name with which you have logged in to the API server)
  --all-ready --rule NAME  every candidate of the rule that is Ready and not decided on; use with caution
  --yes                  with --all-ready: decide; without it only the number is shown
  -n, --namespace NAME   namespace (default: that of the kubeconfig's context)
  --kubeconfig FILE, --context NAME  API server to use

exit codes: 0 decided, 1 it failed for one at least or waits for --yes, 2 bad command line`;

export interface DecideOptions {
  readonly candidates: readonly string[];
  /** Rule of --all-ready. */
  readonly rule: string | undefined;
  readonly isConfirmed: boolean;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly by: string | undefined;
  readonly namespace: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

const verdictFlags = {
  reclaim: 'Reclaim',
  keep: 'Keep',
  resume: 'ResumeReclaim',
  'close-complete': 'CloseComplete',
  'close-skipped': 'CloseSkipped',
} as const satisfies Record<string, Verdict>;
const flags = ['reclaim', 'keep', 'resume', 'close-complete', 'close-skipped'] as const;

const maxReason = 1024;
const maxName = 253;

/** Throws an Error whose message says what is wrong with the command line. */
export function readDecideOptions(argv: readonly string[]): DecideOptions {
  const flag = { type: 'boolean', default: false } as const;
  const { values, positionals } = parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: true,
    options: {
      reclaim: flag,
      keep: flag,
      resume: flag,
      'close-complete': flag,
      'close-skipped': flag,
      'all-ready': flag,
      yes: flag,
      rule: { type: 'string' },
      reason: { type: 'string' },
      by: { type: 'string' },
      namespace: { type: 'string', short: 'n' },
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
    },
  });
  const { rule, namespace, kubeconfig, context, by } = values;
  const verdicts = flags.filter((name) => values[name]).map((name) => verdictFlags[name]);
  const [verdict, ...others] = verdicts;
  if (verdict === undefined || others.length > 0) throw new Error(`exactly one of ${flags.map((name) => `--${name}`).join(', ')} must be given`);
  checkTargets(positionals, { allReady: values['all-ready'], rule, verdict, isConfirmed: values.yes });
  checkNames({ namespace, rule });
  return { candidates: [...new Set(positionals)], rule, isConfirmed: values.yes, verdict, reason: readText('--reason', values.reason, maxReason), by: by === undefined ? undefined : readText('--by', by, maxName), namespace, kubeconfig, context };
}

interface Targets {
  readonly allReady: boolean;
  readonly rule: string | undefined;
  readonly verdict: Verdict;
  readonly isConfirmed: boolean;
}

function checkTargets(candidates: readonly string[], { allReady, rule, verdict, isConfirmed }: Targets): void {
  const problems: readonly (readonly [boolean, string])[] = [
    [allReady && candidates.length > 0, '--all-ready is for every candidate of a rule: name none'],
    [allReady !== (rule !== undefined), '--all-ready and --rule go together: the candidates of one rule are decided on'],
    [isConfirmed && !allReady, '--yes goes with --all-ready'],
    [allReady && verdict === 'ResumeReclaim', '--resume is for what is AttentionRequired, and --all-ready for what is Ready'],
    [!allReady && candidates.length === 0, 'name the RemovalCandidates, or give --all-ready --rule NAME'],
    [!candidates.every(isName), 'a RemovalCandidate has a name of Kubernetes: lower case letters, digits, - and .'],
  ];
  const problem = problems.find(([isThere]) => isThere);
  if (problem !== undefined) throw new Error(problem[1]);
}

function checkNames(names: Readonly<Record<string, string | undefined>>): void {
  for (const [flag, name] of Object.entries(names)) if (name !== undefined && !isName(name)) throw new Error(`--${flag} must be a name of Kubernetes: lower case letters, digits, - and .`);
}

function readText(flag: string, text: string | undefined, limit: number): string {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') throw new Error(`${flag} must say ${flag === '--by' ? 'who decides' : 'why: a decision without a reason is refused'}`);
  if (trimmed.length > limit) throw new Error(`${flag} must have at most ${limit} characters`);
  return trimmed;
}
