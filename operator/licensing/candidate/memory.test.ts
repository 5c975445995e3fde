import { describe, expect, it } from 'vitest';
import type { AuditRecordSpec } from '../../api/audit-record.ts';
import { isBehind, recoverStatus, remember } from './memory.ts';

type Told = readonly [event: AuditRecordSpec['event'], data?: Readonly<Record<string, string>>];

const recall = (...told: readonly Told[]) =>
  remember(told.map(([event, data = {}], index) => ({ event, actor: 'operator', time: new Date(index * 1000).toISOString(), data: Object.entries(data).map(([key, value]) => ({ key, value })) }) as unknown as AuditRecordSpec));
const saved = (secret: string): Told => ['BundleSaved', { secret, account: 'acme', digest: `sha256:${secret}`, expiresAt: '2028-01-01T00:00:00Z' }];
const intended = (attempt: number): Told => ['WriteIntended', { action: 'Remove', attempt: String(attempt) }];

describe('the way back after status was lost (guard 10)', () => {
  it('is what was saved last', () => {
    expect(recoverStatus(recall(saved('a'), intended(1), saved('b'))).change.undo).toMatchObject({ secret: 'b', digest: 'sha256:b' });
  });

  it('stays, where only what was saved for an earlier attempt has expired', () => {
    expect(recoverStatus(recall(saved('a'), intended(1), saved('b'), intended(2), ['BundleDeleted', { cause: 'LeftOver', secret: 'a' }])).change.undo).toMatchObject({ secret: 'b' });
  });

  it('is that of the earlier attempt, where what was saved later is gone', () => {
    expect(recoverStatus(recall(saved('a'), intended(1), saved('b'), ['BundleDeleted', { cause: 'Replaced', secret: 'b' }])).change.undo).toMatchObject({ secret: 'a', digest: 'sha256:a' });
  });

  it('is none, where all of it is gone', () => {
    expect(recoverStatus(recall(saved('a'), intended(1), ['BundleDeleted', { secret: 'a' }])).change.undo).toMatchObject({ secret: '' });
  });
});

describe('a status of before (guard 4)', () => {
  it('lacks a request that was sent, whatever its answer was', () => {
    for (const event of ['WriteDone', 'WriteRefused', 'WriteUnclear'] as const) {
      expect(isBehind({ state: 'AwaitingRevocation' }, recall(intended(1), [event, { attempt: '1' }]))).toBe(true);
      expect(isBehind({ state: 'AwaitingRevocation', attempts: 1 }, recall(intended(1), [event, { attempt: '1' }]))).toBe(false);
    }
  });

  it('does not lack what was only intended: the process that died before the claim has sent nothing', () => {
    expect(isBehind({ state: 'AwaitingRevocation' }, recall(intended(1)))).toBe(false);
  });

  it('lacks a wish to keep, though it knows of an earlier answer', () => {
    const release = { verdict: 'Release', at: '2026-01-01T00:00:00Z', via: 'Link' } as const;
    expect(isBehind({ state: 'AwaitingRevocation', answer: release }, recall(['Answered', { verdict: 'Keep' }]))).toBe(true);
  });
});
