import { category, group, labels, product, version } from './group.ts';
import type { KindDefinition, PrinterColumn } from './kind.ts';
import { toStructuralSchema, type StructuralSchema } from './structural-schema.ts';

/** What a CustomResourceDefinition of ours holds; nothing else of apiextensions.k8s.io/v1 is used. */
export interface CustomResourceDefinition {
  apiVersion: 'apiextensions.k8s.io/v1';
  kind: 'CustomResourceDefinition';
  metadata: { name: string; labels: Record<string, string> };
  spec: {
    group: string;
    names: { kind: string; listKind: string; plural: string; singular: string; shortNames: string[]; categories: string[] };
    scope: 'Namespaced';
    versions: [CustomResourceVersion];
  };
}

export interface CustomResourceVersion {
  name: string;
  served: true;
  storage: true;
  additionalPrinterColumns: PrinterColumn[];
  subresources: { status: Record<string, never> };
  schema: { openAPIV3Schema: StructuralSchema };
}

/**
 * The CustomResourceDefinition of a kind. Pure, and the same for the same kind: it is checked in under
 * `crds/` and compared with what is installed when the operator starts. Throws, with the path, when the
 * kind says something that a structural schema cannot.
 */
export function toCustomResourceDefinition(kind: KindDefinition): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${group}`, labels: { [labels.partOf]: product } },
    spec: {
      group,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: kind.shortNames,
        categories: [category],
      },
      scope: 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          additionalPrinterColumns: kind.printerColumns,
          subresources: { status: {} },
          schema: { openAPIV3Schema: rootSchema(kind) },
        },
      ],
    },
  };
}

function rootSchema(kind: KindDefinition): StructuralSchema {
  return {
    description: kind.description,
    type: 'object',
    required: ['spec'],
    ...(kind.rules === undefined ? {} : { 'x-kubernetes-validations': kind.rules }),
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: { description: 'What is wished.', ...toStructuralSchema(kind.spec, 'spec') },
      status: { description: 'What is so; written by the operator.', ...toStructuralSchema(kind.status, 'status') },
    },
  };
}
