import { parseArgs } from 'node:util';
import { clusterFlags, isName, oneOf, readSource, readTime, type PositionSource } from './position/source-options.ts';

export interface PlanRuleOptions {
  readonly source: PositionSource;
  readonly at: number | undefined;
  /** Undefined: the only one of the file. */
  readonly rule: string | undefined;
  readonly ruleFile: string | undefined;
  readonly comparesWithNow: boolean;
  readonly format: 'text' | 'json';
}

/** Whether a command line of plan is about a rule, and not about the position. */
export function isAboutRule(argv: readonly string[]): boolean {
  return argv.some((word) => /^--(rule|rule-file|diff)(=|$)/.test(word));
}

/** Throws an Error whose message says what is wrong with the command line. */
export function readPlanRuleOptions(argv: readonly string[]): PlanRuleOptions {
  const { 'with-people': _withPeople, ...flags } = clusterFlags;
  const { values } = parseArgs({
    args: [...argv],
    strict: true,
    options: {
      ...flags,
      from: { type: 'string' },
      at: { type: 'string' },
      rule: { type: 'string' },
      'rule-file': { type: 'string' },
      diff: { type: 'boolean', default: false },
      output: { type: 'string', short: 'o', default: 'text' },
    },
  });
  const { rule, 'rule-file': ruleFile, diff } = values;
  if (rule === undefined && ruleFile === undefined) throw new Error('--diff compares a changed rule: name its file with --rule-file');
  if (rule !== undefined && !isName(rule)) throw new Error('--rule must be a name of Kubernetes: lower case letters, digits, - and .');
  if (diff && ruleFile === undefined) throw new Error('--diff compares a changed rule with the one that is there: name its file with --rule-file');
  return {
    source: readSource(values),
    at: readTime('--at', values.at),
    rule,
    ruleFile,
    comparesWithNow: diff,
    format: values.output === 'table' ? 'text' : oneOf('--output', values.output, ['text', 'json']),
  };
}
