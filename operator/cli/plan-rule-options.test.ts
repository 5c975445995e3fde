import { describe, expect, it } from 'vitest';
import { isAboutRule, readPlanRuleOptions } from './plan-rule-options.ts';

describe('the command line of plan about a rule', () => {
  it.each<[string[], boolean]>([
    [['--rule', 'a'], true],
    [['--rule-file=a.yaml'], true],
    [['--diff'], true],
    [['--renewal', 'a=2027-01-01'], false],
    [[], false],
  ])('%j: %s', (argv, expected) => {
    expect(isAboutRule(argv)).toBe(expected);
  });

  it.each<[string[], RegExp]>([
    [['--diff'], /name its file with --rule-file/],
    [['--rule', 'a', '--diff'], /name its file with --rule-file/],
    [['--rule', 'A b'], /--rule must be a name/],
    [['--rule', 'a', '--threshold', '30'], /--threshold/],
    [['--rule', 'a', '-o', 'csv'], /--output must be one of/],
    [['--rule', 'a', '--from', 'f', '-n', 'x'], /--from reads no cluster/],
  ])('%j is refused', (argv, message) => {
    expect(() => readPlanRuleOptions(argv)).toThrow(message);
  });

  it('is read', () => {
    expect(readPlanRuleOptions(['--rule-file', 'r.yaml', '--diff', '-o', 'table', '--from', 's.json', '--at', '2026-11-24T12:00:00Z'])).toMatchObject({
      rule: undefined,
      ruleFile: 'r.yaml',
      comparesWithNow: true,
      format: 'text',
      at: Date.parse('2026-11-24T12:00:00Z'),
      source: { from: 's.json' },
    });
  });
});
