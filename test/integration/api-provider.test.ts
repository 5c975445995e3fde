import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toCustomResourceDefinition } from '../../operator/api/crd.ts';
import type { ProviderFragment } from '../../operator/api/kind.ts';
import { defineKinds } from '../../operator/api/kinds.ts';
import { createProviders, providerFragments } from '../../operator/providers/registry.ts';
import type { CommandResult, ControlPlane } from '../control-plane/contract.ts';
import { leastSpecs } from '../support/least-specs.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

/** A second provider; its kinds are installed under a group of their own, beside those of the product. */
const second: ProviderFragment = {
  type: 'Example',
  settingsKey: 'example',
  connectionSettings: z.object({ site: z.string().min(1).max(63).describe('Site.').optional() }),
  requiredSettings: ['site'],
  defaultConnectionAlias: { id: 'example', name: 'example' },
  activitySignals: ['SignIn'],
};
const group = 'two.saaslicense.dev';
const crds = defineKinds([...providerFragments(createProviders()), second])
  .filter((kind) => ['ConnectionAlias', 'IntegrationProfile'].includes(kind.kind))
  .map(toCustomResourceDefinition)
  .map((crd) => ({ ...crd, metadata: { name: `${crd.spec.names.plural}.${group}` }, spec: { ...crd.spec, group } }));

let plane: ControlPlane;
let namespace: string;

beforeAll(async () => {
  plane = await attachControlPlane();
  namespace = await createNamespace('provider');
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: crds });
  for (const command of [['apply', '--server-side', '-f', '-'], ['wait', '--for=condition=Established', '--timeout=60s', '-f', '-']]) {
    const { code, stderr } = await plane.kubectl(command, { input });
    if (code !== 0) throw new Error(stderr);
  }
});
afterAll(async () => {
  await plane.kubectl(['delete', 'crd', ...crds.map((crd) => crd.metadata.name)]);
});

async function apply(kind: string, name: string, spec: object): Promise<CommandResult> {
  const input = JSON.stringify({ apiVersion: `${group}/v1alpha1`, kind, metadata: { name }, spec });
  return plane.kubectl(['-n', namespace, 'apply', '--server-side', '-f', '-'], { input });
}

describe('a second provider brings its own fields, without a change to operator/api', () => {
  const { appToken } = leastSpecs.ConnectionAlias;

  it('takes its type with its settings', async () => {
    expect(await apply('ConnectionAlias', 'example', { type: 'Example', example: { site: 'acme' }, appToken })).toMatchObject({ code: 0 });
    expect(await apply('ConnectionAlias', 'pagerduty', leastSpecs.ConnectionAlias)).toMatchObject({ code: 0 });
  });

  it('refuses its type with the settings of the other', async () => {
    const result = await apply('ConnectionAlias', 'mixed', { ...leastSpecs.ConnectionAlias, type: 'Example' });
    expect(result.stderr).toContain('example must be set when type is Example (or taken from a parent alias), and only then');
    expect(result.stderr).toContain('pagerduty must be set when type is PagerDuty (or taken from a parent alias), and only then');
  });

  it('S31: refuses a change of type, of a connection and of a profile', async () => {
    expect(await apply('ConnectionAlias', 'fixed', leastSpecs.ConnectionAlias)).toMatchObject({ code: 0 });
    const connection = await apply('ConnectionAlias', 'fixed', { type: 'Example', example: { site: 'acme' }, appToken });
    expect(connection.stderr).toContain('type cannot be changed: create another ConnectionAlias');
    expect(await apply('IntegrationProfile', 'fixed', leastSpecs.IntegrationProfile)).toMatchObject({ code: 0 });
    const profile = await apply('IntegrationProfile', 'fixed', { ...leastSpecs.IntegrationProfile, type: 'Example' });
    expect(profile.stderr).toContain('type cannot be changed: create another IntegrationProfile');
  });
});
