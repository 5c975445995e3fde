import { describe, expect, it } from 'vitest';
import type { OperatorError } from '../api/errors.ts';
import { failureOf, parseStatus } from './api-failure.ts';

const now = Date.parse('2026-11-24T12:00:00Z');

function fail(code: number, body: unknown = {}, retryAfter?: string): OperatorError {
  return failureOf({ what: 'apply of widgets tenant/a', code, status: parseStatus(body), retryAfter, now });
}

describe('what becomes of an answer', () => {
  it.each([
    [400, {}, 'Terminal', 'BadRequest'],
    [401, {}, 'Retryable', 'Unauthorized'],
    [403, {}, 'Terminal', 'Forbidden'],
    [403, { details: { causes: [{ reason: 'NamespaceTerminating' }] } }, 'Terminal', 'NamespaceTerminating'],
    [404, { reason: 'NotFound', details: { name: 'a' } }, 'Conflict', 'Conflict'],
    [404, { reason: 'NotFound', details: {} }, 'Retryable', 'KindNotServed'],
    [404, '<html>', 'Retryable', 'KindNotServed'],
    [408, {}, 'Retryable', 'ApiServerError'],
    [409, { reason: 'AlreadyExists' }, 'Conflict', 'Conflict'],
    [409, { details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec' }] } }, 'Conflict', 'FieldManagerConflict'],
    [410, {}, 'Retryable', 'ListExpired'],
    [422, {}, 'Terminal', 'Invalid'],
    [429, {}, 'Retryable', 'TooManyRequests'],
    [500, {}, 'Retryable', 'ApiServerError'],
    [500, { message: 'failed to create typed patch object: .status.mood: field not declared in schema' }, 'Retryable', 'CrdsOutdated'],
    [504, {}, 'Retryable', 'ApiServerError'],
    [302, {}, 'Retryable', 'ApiServerError'],
  ])('%i %j is %s %s', (code, body, kind, reason) => {
    expect(fail(code, body).failure).toMatchObject({ kind, reason });
  });

  it.each([
    ['seconds', '12', {}, 12_000],
    ['a date', 'Tue, 24 Nov 2026 12:00:30 GMT', {}, 30_000],
    ['a date that has passed', 'Tue, 24 Nov 2026 11:00:00 GMT', {}, 0],
    ['the Status when there is no header', undefined, { details: { retryAfterSeconds: 3 } }, 3_000],
    ['nothing', undefined, {}, undefined],
    ['nonsense', 'soon', {}, undefined],
  ])('Retry-After as %s', (_name, header, body, expected) => {
    const { failure } = fail(429, body, header);
    expect(failure.kind === 'Retryable' ? failure.retryAfterMs : 'other').toBe(expected);
  });
});

it('keeps values out of messages and details, and the fields in the details (guard 7)', () => {
  const body = {
    message: 'Secret "a" is invalid: data[password]: Invalid value: "hunter2"',
    reason: 'Invalid',
    details: { causes: [{ reason: 'FieldValueInvalid', message: 'Invalid value: "hunter2"', field: 'spec.count' }] },
  };
  const error = fail(422, body);
  expect(JSON.stringify([error.failure, error.detail, error.message])).not.toContain('hunter2');
  expect(error.detail).toEqual({ code: 422, reason: 'Invalid', fields: 'spec.count: FieldValueInvalid' });
});

it('says the same for the same request and class of failure, so that conditions do not flap (facts/operators.md C2)', () => {
  const first = fail(500, { message: 'etcdserver: request 4711 timed out', code: 500 });
  const second = fail(500, { message: 'etcdserver: request 4712 timed out', code: 500 });
  expect(first.failure).toEqual(second.failure);
});
