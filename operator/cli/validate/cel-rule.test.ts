import { describe, expect, it } from 'vitest';
import type { StructuralSchema } from '../../api/structural-schema.ts';
import { createProviders } from '../../providers/registry.ts';
import { compileRule, evaluateRule } from './cel-rule.ts';
import { kindSchemas } from './kind-schemas.ts';

/** Every rule of a schema, with where it stands. */
function rulesOf(schema: StructuralSchema, path: string): [string, string][] {
  const own = (schema['x-kubernetes-validations'] ?? []).map(({ rule }): [string, string] => [path, rule]);
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, each]) => rulesOf(each, `${path}.${name}`));
  const rest = [schema.items, schema.additionalProperties].flatMap((each) => (each === undefined ? [] : rulesOf(each, `${path}[]`)));
  return [...own, ...inner, ...rest];
}

const rules = [...kindSchemas(createProviders())].flatMap(([kind, schema]) => rulesOf(schema, kind));

describe('the rules of the kinds', () => {
  it('are some', () => {
    expect(rules.length).toBeGreaterThan(30);
  });

  it.each(rules)('%s compiles: %s', (_path, rule) => {
    expect(compileRule(rule).kind).toBe(/\boldSelf\b/.test(rule) ? 'Transition' : 'Compiled');
  });
});

describe('a rule', () => {
  it.each<[string, unknown, ReturnType<typeof evaluateRule>]>([
    ['self.a > 1', { a: 2n }, 'Holds'],
    ['self.a > 1', { a: 1n }, 'Broken'],
    ['self == oldSelf', { a: 1n }, 'Skipped'],
    // As the API server does: no such key.
    ['self.b > 1', { a: 1n }, 'Broken'],
    ['has(self.b) || self.a == 1', { a: 1n }, 'Holds'],
    ['timestamp(self.a) < timestamp(self.b)', { a: new Date(1), b: new Date(2) }, 'Holds'],
    ['timestamp(self.a) < timestamp(self.b)', { a: new Date(2), b: new Date(2) }, 'Broken'],
    // What would have to be guessed is not passed in silence.
    ['quantity(self.a).isGreaterThan(quantity("1"))', { a: '2' }, 'NotChecked'],
    ['self.a', { a: 'text' }, 'NotChecked'],
    ['self.a <', { a: 1n }, 'NotChecked'],
    ['self.a < self.b', { a: 1n, b: 'text' }, 'NotChecked'],
  ])('%s of %o: %s', (rule, self, verdict) => {
    expect(evaluateRule(rule, self)).toBe(verdict);
  });
});
