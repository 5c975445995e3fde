import { describe, expect, it } from 'vitest';
import { manifestCorpus } from '../../../test/support/manifest-corpus.ts';
import type { StructuralSchema } from '../../api/structural-schema.ts';
import { createProviders } from '../../providers/registry.ts';
import { compileRule } from './cel-rule.ts';
import { kindSchemas } from './kind-schemas.ts';
import { parseManifests } from './parse-manifests.ts';
import { validateManifests } from './validate-manifests.ts';

const providers = createProviders();
const findings = manifestCorpus.map((one) => ({ one, problems: validateManifests(parseManifests('m.yaml', one.text), { providers, now: 0 }).problems }));

function messagesOf(schema: StructuralSchema): string[] {
  const own = (schema['x-kubernetes-validations'] ?? []).filter(({ rule }) => compileRule(rule).kind === 'Compiled').map(({ message }) => message);
  const inner = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties];
  return [...own, ...inner.flatMap((each) => (each === undefined ? [] : messagesOf(each)))];
}

// test/integration/validate-conformance.test.ts shows that the API server says the same of each.
describe('the corpus of manifests', () => {
  it.each(findings.map(({ one, problems }) => [one.name, one.isGood, problems] as const))('%s: %s', (_name, isGood, problems) => {
    const errors = problems.filter(({ severity, check }) => severity === 'error' && check !== 'Product');
    expect({ isGood: errors.length === 0, errors }).toMatchObject({ isGood });
  });

  it('breaks every rule of every kind at least once', () => {
    const broken = new Set(findings.flatMap(({ problems }) => problems.filter(({ check }) => check === 'Rule').map(({ message }) => message)));
    const all = [...kindSchemas(providers).values()].flatMap(messagesOf);
    expect(all.filter((message) => !broken.has(message))).toEqual([]);
  });

  it('has no rule that is not checked', () => {
    expect(findings.flatMap(({ problems }) => problems.filter(({ check }) => check === 'NotChecked'))).toEqual([]);
  });
});
