import { assert, json, jsonValue, oneof, property, record, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseErrorBody } from './errors.ts';

const read = (value: unknown) => parseErrorBody(JSON.stringify(value));

describe('error bodies (facts 6.2)', () => {
  it('reads the normal shape', () => {
    expect(read({ error: { message: 'Invalid Input Provided', code: 2001, errors: ['Name is wrong'] } })).toEqual({
      code: 2001,
      texts: ['Invalid Input Provided', 'Name is wrong'].sort((a, b) => a.localeCompare(b)),
      missingScopes: [],
    });
  });

  it.each([
    ['errors as a string', { error: { message: 'm', code: 2001, errors: 'one text' } }, 2001, 'one text'],
    ['errors as null', { error: { message: 'm', code: 2001, errors: null } }, 2001, 'm'],
    ['errors as an object', { error: { code: '2001', errors: { name: ['is wrong'] } } }, 2001, 'is wrong'],
    ['error as an array of texts', { error: ['it broke'] }, undefined, 'it broke'],
    ['error as an array of objects', { error: [{ code: 2010, message: 'Access Denied' }] }, 2010, 'Access Denied'],
    ['error as a string', { error: 'The identity cannot be determined' }, undefined, 'The identity cannot be determined'],
    ['neither code nor message', { error: { errors: ['cannot be deleted'] } }, undefined, 'cannot be deleted'],
    ['the status as code', { error: { code: 403, message: 'Insufficient permissions', errors: [] } }, 403, 'Insufficient permissions'],
    ['OAuth', { error: 'invalid_request', error_description: 'Invalid scope' }, undefined, 'Invalid scope'],
  ])('reads %s', (_, body, code, text) => {
    const error = read(body);
    expect(error.code).toBe(code);
    expect(error.texts).toContain(text);
  });

  it('names the scopes that are missing, and only what looks like a scope', () => {
    const error = (required: unknown, token: unknown) => read({ error: { message: 'Token missing required scopes', required_scopes: required, token_scopes: token } });
    expect(error('users.read licenses.read', 'users.read').missingScopes).toEqual(['licenses.read']);
    expect(error(['users:contact_methods.read'], undefined).missingScopes).toEqual(['users:contact_methods.read']);
    expect(error('jane@example.com <b>users.read</b> Bearer abc', null).missingScopes).toEqual([]);
  });

  it.each(['', 'Unauthorized', '<html></html>', 'null', '[]', '42', '"text"', '{"error":null}', '{"error":'])('takes %j without complaint', (text) => {
    expect(parseErrorBody(text)).toEqual({ code: undefined, texts: [], missingScopes: [] });
  });

  it('never throws and stays bounded, whatever comes', () => {
    assert(
      property(oneof(string(), json(), record({ error: jsonValue(), errors: jsonValue() }).map((value) => JSON.stringify(value))), (text) => {
        const error = parseErrorBody(text);
        expect(error.texts.length).toBeLessThanOrEqual(20);
        expect(error.missingScopes.length).toBeLessThanOrEqual(10);
      }),
      { seed: 3 },
    );
  });
});
