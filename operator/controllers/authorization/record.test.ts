import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { aGrant, aPending } from '../../../test/support/consent-fixtures.ts';
import { now } from '../../../test/support/alias-fixtures.ts';
import { decodeRecord, encodeChange, type AuthorizationRecord } from './record.ts';

const record: AuthorizationRecord = {
  pending: aPending({ request: 'http://127.0.0.1:1/oauth_redirect.do word' }),
  claims: [{ id: 'c', code: 'c0de', startedAt: now, by: 'replica-1' }],
  candidates: [aGrant({ id: 'candidate' })],
  grant: aGrant(),
  rotation: { id: 'r', grantId: 'grant-1', startedAt: now, by: 'replica-1', isUnclear: false },
  attempt: { result: 'Denied', reason: 'AuthorizationDenied', message: 'Denied.', at: now },
  used: [{ hash: 'h', why: 'Used' }],
  handledRequest: 'r1',
};

function stored(change: Record<string, string | null>) {
  const data = Object.fromEntries(Object.entries(change).filter((entry): entry is [string, string] => entry[1] !== null));
  return { metadata: { name: 'pagerduty-authorization' }, data };
}

describe('what is kept of a consent', () => {
  it('is read as it was written, secrets and all', () => {
    const read = decodeRecord(stored(encodeChange(record)));
    expect(read).toEqual(record);
    expect(read.grant?.refreshToken?.reveal()).toBe('refresh-1');
    expect(read.pending?.codeVerifier.reveal()).toBe('v'.repeat(43));
  });

  it('a field that is taken away is null in the patch', () => {
    expect(encodeChange({ pending: undefined, claims: undefined })).toEqual({ pending: null, claims: null });
    expect(encodeChange({})).toEqual({});
  });

  it('what somebody has broken by hand is as good as absent, and does not break the rest', () => {
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const data = { ...stored(encodeChange(record)).data, pending: base64('{'), claims: base64('{}'), grant: base64('{"id":1}') };
    const read = decodeRecord({ metadata: { name: 'x' }, data });
    expect(read).toMatchObject({ pending: undefined, claims: undefined, grant: undefined, handledRequest: 'r1' });
  });

  it('guard 7: shows no secret when it is printed', () => {
    const text = inspect(record, { depth: 9 }) + JSON.stringify(record);
    for (const secret of ['refresh-1', 'access-1', 'v'.repeat(43)]) expect(text).not.toContain(secret);
  });
});
