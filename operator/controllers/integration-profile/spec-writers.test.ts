import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { aPublishedInput, now } from '../../../test/support/profile-fixtures.ts';
import { decidePlan } from './decide-plan.ts';
import { keepSpecEntries, specWriters } from './spec-writers.ts';

const entry = (manager: string, fields: string[], more: object = {}) => ({
  manager,
  operation: 'Apply',
  fieldsV1: { 'f:spec': Object.fromEntries(fields.map((field) => [`f:${field}`, {}])), 'f:metadata': {} },
  ...more,
});

describe('S30: who writes spec', () => {
  it('one hand is one writer, whatever of its tools it takes', () => {
    const kubectl = ['kubectl-client-side-apply', 'kubectl-edit', 'kubectl-patch', 'kubectl'].map((name) => entry(name, ['publish']));
    expect(specWriters(kubectl)).toEqual(['kubectl']);
    expect(specWriters([entry('argocd-controller', ['type']), entry('argocd-application-controller', ['publish'])])).toHaveLength(1);
  });

  it('Flux or helm and a person beside it are two', () => {
    expect(specWriters([entry('kustomize-controller', ['type', 'publish']), entry('kubectl-edit', ['suspend'])])).toEqual(['kubectl-edit', 'kustomize-controller']);
    expect(specWriters([entry('helm', ['type']), entry('kubectl-edit', ['publish'])])).toHaveLength(2);
  });

  it('whoever writes status, labels or annotations, or confirms a validation, is none', () => {
    const others = [
      entry('saas-license-operator', ['state'], { subresource: 'status' }),
      { manager: 'kubectl-annotate', operation: 'Update', fieldsV1: { 'f:metadata': { 'f:annotations': {} } } },
      entry('saaslicense', ['confirmedValidation']),
    ];
    expect(specWriters([entry('helm', ['type', 'publish']), ...others])).toEqual(['helm']);
  });

  it('guard 7: a manager that is named like a person’s address is not repeated', () => {
    expect(specWriters([entry('jane@example.com', ['publish'])])).toEqual(['another']);
  });

  it('what the cache keeps says the same', () => {
    const entries = [entry('helm', ['type', 'publish']), entry('kubectl-edit', ['suspend']), entry('x', ['state'], { subresource: 'status' })];
    expect(specWriters(keepSpecEntries(entries) ?? [])).toEqual(specWriters(entries));
    expect(keepSpecEntries(entries)).toHaveLength(2);
  });

  it('two writers are a condition, not a fault: Ready does not ask for it', () => {
    const profile = aProfile();
    const managed = { ...profile, metadata: { ...profile.metadata, managedFields: [entry('helm', ['type']), entry('kubectl-edit', ['publish'])] } };
    const parts = decidePlan(aPublishedInput(managed), { kind: 'NotTried' }, now).conditions(undefined);
    expect(parts.find((part) => part.type === 'ManagedBy')).toMatchObject({ status: 'False', reason: 'SeveralWriters' });
    expect(parts.find((part) => part.type === 'Ready')?.reason).not.toBe('SeveralWriters');
  });
});
