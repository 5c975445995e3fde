import { expect, it } from 'vitest';
import type { KubernetesObject } from '../api/meta.ts';
import type { KubernetesClient } from './client.ts';
import { checkInstalledKinds } from './crd-check.ts';

const schema = {
  properties: {
    spec: {
      properties: {
        publish: {},
        steps: { items: { properties: { name: {} } } },
        labels: { additionalProperties: { properties: { text: {} } } },
        free: { 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
};

function installed(...crds: { name: string; versions: unknown }[]): Pick<KubernetesClient, 'get'> {
  const objects: KubernetesObject[] = crds.map(({ name, versions }) => ({ metadata: { name }, spec: { versions } }) as KubernetesObject);
  return { get: async <T>(_type: unknown, { name }: { name: string }) => objects.find((each) => each.metadata.name === name) as T | undefined };
}

const required = { plural: 'widgets', group: 'example.dev', version: 'v1', fields: [] as string[] };
const served = { name: 'widgets.example.dev', versions: [{ name: 'v1', served: true, schema: { openAPIV3Schema: schema } }] };

it('is content with a CRD that has every field, in lists, maps and free places too', async () => {
  const fields = ['spec.publish', 'spec.steps.name', 'spec.labels.any.text', 'spec.free.what.ever'];
  expect(await checkInstalledKinds(installed(served), [{ ...required, fields }])).toEqual([]);
});

it('names each thing that is missing (facts/operators.md B3.37)', async () => {
  const old = { name: 'gadgets.example.dev', versions: [{ name: 'v1', served: false }] };
  const problems = await checkInstalledKinds(installed(served, old), [
    { ...required, fields: ['spec.publish', 'spec.suspend', 'status.state'] },
    { ...required, plural: 'gadgets' },
    { ...required, plural: 'things' },
  ]);
  expect(problems).toEqual([
    'CustomResourceDefinition widgets.example.dev is too old: version v1 has no field spec.suspend',
    'CustomResourceDefinition widgets.example.dev is too old: version v1 has no field status.state',
    'CustomResourceDefinition gadgets.example.dev does not serve version v1',
    'CustomResourceDefinition things.example.dev is not installed',
  ]);
});
