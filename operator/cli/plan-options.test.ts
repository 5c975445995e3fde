import { describe, expect, it } from 'vitest';
import { readPlanOptions } from './plan-options.ts';

describe('the command line of saaslicense plan', () => {
  it('reads every change, in the order of names', () => {
    const options = readPlanOptions([
      '--from', 's.json', '--at', '2026-12-01T00:00:00+01:00', '--threshold', '90', '--threshold', 'b=30', '--threshold', 'a=45', '--price', 'a=41.00', '--price', 'b=400/Year',
      '--commit', 'a=0', '--renewal', 'e=2027-03-31,price=38.5,rights=10', '--renewal', 'd=2027-03-31', '--entitlements', 'x.yaml', '-o', 'json',
    ]);
    expect(options).toEqual({
      source: { from: 's.json', namespace: undefined, profile: undefined, kubeconfig: undefined, context: undefined },
      at: Date.parse('2026-11-30T23:00:00Z'),
      thresholdDays: 90,
      thresholds: new Map([['a', 45], ['b', 30]]),
      prices: new Map<string, object>([['a', { amount: '41.00' }], ['b', { amount: '400', period: 'Year' }]]),
      commitments: new Map([['a', 0]]),
      renewals: [{ entitlement: 'd', end: '2027-03-31' }, { entitlement: 'e', end: '2027-03-31', rights: 10, amount: '38.5' }],
      entitlements: ['x.yaml'],
      format: 'json',
    });
    expect([...options.thresholds.keys()]).toEqual(['a', 'b']);
  });

  it('takes -o table for its text, as the workbench calls it', () => {
    expect(readPlanOptions(['-o', 'table']).format).toBe('text');
    expect(() => readPlanOptions(['-o', 'yaml'])).toThrow('--output must be one of text, json');
  });

  it.each([
    [['--threshold', '0'], '--threshold must be a number of days from 1 to 1825'],
    [['--threshold', '1e2'], '--threshold must be a number of days'],
    [['--threshold', '1826'], '--threshold must be a number of days'],
    [['--threshold', '=5'], '--threshold must begin with the name of an object and ='],
    [['--threshold', '5', '--threshold', '6'], '--threshold must not be given twice for the same object'],
    [['--price', 'a'], '--price must begin with the name of an object and ='],
    [['--price', 'a=41,00'], '--price must be a decimal amount such as 41.00'],
    [['--price', 'a=-1'], '--price must be a decimal amount'],
    [['--price', 'a=41/Week'], 'the period of --price must be one of Month, Year'],
    [['--price', 'a=41/Month/Year'], '--price must be MODEL=AMOUNT'],
    [['--price', 'a=1', '--price', 'a=2'], '--price must not be given twice'],
    [['--commit', 'a=1.5'], '--commit must be a number of rights from 0 to 10000000'],
    [['--commit', '../a=1'], '--commit must begin with the name of an object'],
    [['--renewal', 'e=2027-02-30'], '--renewal must name a day such as 2027-03-31'],
    [['--renewal', 'e=2027-03-31,seats=1'], 'a part of --renewal must be one of rights, price'],
    [['--renewal', 'e=2027-03-31,rights=1,rights=2'], 'a part of --renewal must not be given twice'],
    [['--renewal', 'e=2027-03-31,price='], 'price of --renewal must be a decimal amount'],
    [['--at', '2026-12-01'], '--at must be an RFC 3339 time'],
    [['-o', 'yaml'], '--output must be one of text, json'],
    [['-n', 'Team A'], '--namespace must be a name of Kubernetes'],
    [['--from', 'a', '-n', 'b'], '--from reads no cluster'],
    [['--from', 'a', '--kubeconfig', 'b'], '--from reads no cluster'],
    [['--apply'], "Unknown option '--apply'"],
    [['something'], 'something'],
  ])('%j is refused', (argv, problem) => {
    expect(() => readPlanOptions(argv)).toThrow(problem);
  });
});
