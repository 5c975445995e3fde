import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from '../../test/support/product.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { checkInstalledKinds } from '../kubernetes/crd-check.ts';
import { requiredKinds } from './required-kinds.ts';

/** The CRDs of this version, as an API server would give them. */
async function readCrds(): Promise<Map<string, KubernetesObject>> {
  const folder = join(root, 'crds');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
  const crds = await Promise.all(names.map(async (name) => parse(await readFile(join(folder, name), 'utf8')) as KubernetesObject));
  return new Map(crds.map((crd) => [crd.metadata.name, crd]));
}

/** As an older version would have installed them: without a property, wherever it stands. */
function without(crd: KubernetesObject, property: string): KubernetesObject {
  const drop = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([name]) => name !== property));
  };
  return JSON.parse(JSON.stringify(crd), drop) as KubernetesObject;
}

const installed = (crds: Map<string, KubernetesObject>) => ({
  get: async <T extends KubernetesObject>(_type: unknown, { name }: { name: string }) => crds.get(name) as T | undefined,
});

describe('S27: the CRDs that this binary needs', () => {
  it('are those that it is delivered with', async () => {
    expect(await checkInstalledKinds(installed(await readCrds()), requiredKinds())).toEqual([]);
  });

  it.each([
    ['integrationprofiles.saaslicense.dev', 'activitySignals', 'spec.activitySignals'],
    ['integrationprofiles.saaslicense.dev', 'connection', 'status.refresh.subscriptions.connection'],
    ['connectionaliases.saaslicense.dev', 'parentAliasRef', 'spec.parentAliasRef'],
  ])('an older %s without %s is named, with the field that would be lost', async (name, property, field) => {
    const crds = await readCrds();
    crds.set(name, without(crds.get(name) ?? { metadata: { name } }, property));
    const problems = await checkInstalledKinds(installed(crds), requiredKinds());
    expect(problems).toEqual([`CustomResourceDefinition ${name} is too old: version v1alpha1 has no field ${field}`]);
  });

  it('one that is not installed at all is named', async () => {
    const crds = await readCrds();
    crds.delete('softwaresubscriptions.saaslicense.dev');
    expect(await checkInstalledKinds(installed(crds), requiredKinds())).toEqual(['CustomResourceDefinition softwaresubscriptions.saaslicense.dev is not installed']);
  });
});
