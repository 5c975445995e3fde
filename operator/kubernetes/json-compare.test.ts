import { describe, expect, it } from 'vitest';
import { canonicalJson, isSubset, type SubsetRules } from './json-compare.ts';
import { ownsMoreThan } from './managed-fields.ts';

const plain: SubsetRules = { listKeys: {} };
const builtIn: SubsetRules = {
  listKeys: { env: 'name', finalizers: '' },
  quantities: new Set(['limits']),
  emptyIsAbsent: true,
};

it('gives equal text for equal meaning', () => {
  expect(canonicalJson({ b: [2, { d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[2,{"d":1}]}');
  expect(canonicalJson({ a: null, b: [2, { d: 1 }] })).toBe('{"a":null,"b":[2,{"d":1}]}');
});

describe('subset', () => {
  it.each([
    ['defaults of the API server are no drift', { a: 1 }, { a: 1, b: 2 }, true],
    ['a changed leaf is drift', { a: { b: 1 } }, { a: { b: 2 } }, false],
    ['a missing leaf is drift', { a: { b: 1 } }, { a: {} }, false],
    ['zero is not nothing in a custom resource', { seats: 0 }, {}, false],
    ['an item more in a list is drift', { rules: [{ v: 1 }] }, { rules: [{ v: 1 }, { v: 2 }] }, false],
    ['what is undefined is not wanted', { a: undefined }, {}, true],
  ])('%s', (_name, wanted, actual, expected) => {
    expect(isSubset(wanted, actual, plain)).toBe(expected);
  });

  it.each([
    ['an empty value that the API server drops', { hostNetwork: false, labels: {}, args: [] }, {}, true],
    ['env that a mutating webhook added', { env: [{ name: 'A', value: '1' }] }, { env: [{ name: 'B' }, { name: 'A', value: '1' }] }, true],
    ['env that somebody changed', { env: [{ name: 'A', value: '1' }] }, { env: [{ name: 'A', value: '2' }] }, false],
    ['a finalizer of another', { finalizers: ['ours'] }, { finalizers: ['theirs', 'ours'] }, true],
    ['our finalizer taken off', { finalizers: ['ours'] }, { finalizers: ['theirs'] }, false],
    ['a quantity in other words', { limits: { cpu: '1000m', memory: '1024Mi' } }, { limits: { cpu: '1', memory: '1Gi' } }, true],
    ['another quantity', { limits: { cpu: '1' } }, { limits: { cpu: '2' } }, false],
  ])('built-in: %s', (_name, wanted, actual, expected) => {
    expect(isSubset(wanted, actual, builtIn)).toBe(expected);
  });
});

describe('what we own and would no longer send', () => {
  const owned = {
    'f:summary': { '.': {}, 'f:total': {} },
    'f:conditions': { 'k:{"type":"Ready"}': { '.': {}, 'f:status': {} } },
    'f:names': { 'v:"a"': {} },
  };
  const all = { summary: { total: 1 }, conditions: [{ type: 'Ready', status: 'True' }], names: ['a'] };

  it.each([
    ['nothing is missing', all, false],
    ['a field is missing', { ...all, summary: {} }, true],
    ['a condition is missing', { ...all, conditions: [{ type: 'Other', status: 'True' }] }, true],
    ['a value of a set is missing', { ...all, names: ['b'] }, true],
    ['everything is missing', {}, true],
  ])('%s', (_name, value, expected) => {
    expect(ownsMoreThan(owned, value)).toBe(expected);
  });
});
