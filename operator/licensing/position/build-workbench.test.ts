import { describe, expect, it } from 'vitest';
import { buildWorkbench, type NamespaceFacts } from './build-workbench.ts';
import type { Contract } from './facts.ts';

const now = Date.parse('2026-11-24T06:00:00Z');

const term: Contract = {
  name: 'business-2026',
  model: 'pagerduty-business',
  rights: 100,
  price: { amountMinor: 4100, currency: 'USD', period: 'Month' },
  billing: 'AnnualCommit',
  start: '2026-02-01',
  end: '2027-01-31',
};

function build(change: Partial<NamespaceFacts>) {
  return buildWorkbench({ namespace: 'saas-licenses', now, profiles: [], contracts: [], candidates: [], ...change });
}

const candidate = (state: string, openedAt?: string) => ({
  name: `${state}-${openedAt ?? 'new'}`,
  profile: 'pagerduty',
  identifier: 'L1',
  action: 'Remove',
  state,
  ...(openedAt === undefined ? {} : { openedAt }),
});

describe('what the workbench is built from', () => {
  it('L36: a candidate that waits for its revocation for 60 days is stuck; one that waits for a person is not', () => {
    const { candidates } = build({
      candidates: [
        candidate('AwaitingRevocation', '2026-09-25T06:00:00Z'),
        candidate('AwaitingRevocation', '2026-09-25T06:00:01Z'),
        candidate('AwaitingRevocation'),
        candidate('AwaitingUser', '2026-01-01T00:00:00Z'),
        candidate('ClosedComplete', '2026-01-01T00:00:00Z'),
      ],
    });
    expect(candidates.map(({ state, stuckDays }) => [state, stuckDays])).toEqual([
      ['AwaitingRevocation', 60],
      ['AwaitingRevocation', undefined],
      ['AwaitingRevocation', undefined],
      ['AwaitingUser', undefined],
    ]);
  });

  it('C23, L35: a renewal is due within its notice, unless another contract of the model goes on', () => {
    const next: Contract = { ...term, name: 'business-2027', start: '2027-02-01', end: '2028-01-31' };
    const isDue = (contracts: Contract[]) => build({ contracts }).contracts.map(({ name, renewalDue }) => [name, renewalDue]);
    expect(isDue([term])).toEqual([['business-2026', true]]);
    expect(isDue([next, term])).toEqual([['business-2026', false], ['business-2027', false]]);
    expect(isDue([term, { ...next, model: 'pagerduty-other' }])).toEqual([['business-2026', true], ['business-2027', false]]);
  });
});
