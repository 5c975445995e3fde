import { describe, expect, it } from 'vitest';
import { aProfile } from '../../test/support/builders.ts';
import { lastRejection, tokenRejection } from './token-rejection.ts';

const early = '2026-11-24T01:00:00Z';
const late = '2026-11-24T02:00:00Z';
const failed = (reason: string, time: string) => aProfile({ status: { lastFailure: { kind: 'Terminal', reason, message: '' }, lastFailureTime: time } });

describe('what tells that a token has to be replaced', () => {
  it('is a rejection, or a scope that it lacks, met by a validation or a refresh', () => {
    expect(tokenRejection(failed('TokenRejected', early))).toEqual({ at: Date.parse(early), reason: 'TokenRejected' });
    expect(tokenRejection(failed('ScopeMissing', early))).toEqual({ at: Date.parse(early), reason: 'ScopeMissing' });
    expect(tokenRejection(failed('VendorUnavailable', early))).toBeUndefined();
    expect(tokenRejection(aProfile())).toBeUndefined();
  });

  it('T7: is a check of the validation that lacked a scope', () => {
    const checks = [{ name: 'users', result: 'Failed' as const, reason: 'ScopeMissing' }];
    const profile = aProfile({ status: { validation: { id: 'v1', time: early, passed: false, checks } } });
    expect(tokenRejection(profile)).toEqual({ at: Date.parse(early), reason: 'ScopeMissing' });
  });

  it('is the latest that any of the profiles has met', () => {
    expect(lastRejection([failed('ScopeMissing', late), failed('TokenRejected', early), aProfile()])).toEqual({ at: Date.parse(late), reason: 'ScopeMissing' });
    expect(lastRejection([])).toBeUndefined();
  });
});
