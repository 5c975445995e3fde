import { objectNamePattern } from '../../api/meta.ts';
import type { StructuralSchema } from '../../api/structural-schema.ts';
import { isObject } from './apply-defaults.ts';
import { checkSchema, findUnknownFields } from './check-schema.ts';
import { schemaError, type Finding, type Path } from './problem.ts';

const text: StructuralSchema = { type: 'string' };
const texts: StructuralSchema = { type: 'object', additionalProperties: text };
const flag: StructuralSchema = { type: 'boolean' };

/** The part of ObjectMeta that a person may write; what the API server fills in by itself is taken as it comes. */
const metadataSchema: StructuralSchema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { ...text, minLength: 1, maxLength: 253 },
    generateName: text,
    namespace: { ...text, maxLength: 63 },
    labels: texts,
    annotations: texts,
    finalizers: { type: 'array', items: text },
    ownerReferences: {
      type: 'array',
      items: {
        type: 'object',
        required: ['apiVersion', 'kind', 'name', 'uid'],
        properties: { apiVersion: text, kind: text, name: text, uid: text, controller: flag, blockOwnerDeletion: flag },
      },
    },
    uid: text,
    resourceVersion: text,
    generation: { type: 'integer' },
    creationTimestamp: { ...text, nullable: true },
    deletionTimestamp: { ...text, nullable: true },
    deletionGracePeriodSeconds: { type: 'integer' },
    managedFields: { type: 'array', items: { 'x-kubernetes-preserve-unknown-fields': true } },
    selfLink: text,
  },
};

/** What the API server finds wrong with the name, labels and annotations of an object. */
export function checkMetadata(metadata: unknown): Finding[] {
  const path = ['metadata'];
  const problems = [...findUnknownFields(metadata, metadataSchema, path), ...checkSchema(metadata, metadataSchema, path)];
  if (problems.length > 0 || !isObject(metadata)) return problems;
  const { name, namespace, labels = {}, annotations = {} } = metadata;
  return [
    ...(isName(name) ? [] : [schemaError([...path, 'name'], 'must be a name of Kubernetes: lower case letters, digits, - and .')]),
    ...(namespace === undefined || isLabelOfDns(namespace) ? [] : [schemaError([...path, 'namespace'], 'must be a name of a namespace: lower case letters, digits and -')]),
    ...checkKeys(labels, [...path, 'labels']),
    ...checkLabelValues(labels, [...path, 'labels']),
    // The API server takes the keys of annotations in any case, and their values in any alphabet.
    ...checkKeys(annotations, [...path, 'annotations'], (key) => key.toLowerCase()),
  ];
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && objectNamePattern.test(value);
}

function isLabelOfDns(value: unknown): boolean {
  return typeof value === 'string' && (value === '' || /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value));
}

const word = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** `name` or `prefix/name`, the prefix a name of DNS. */
function checkKeys(values: unknown, path: Path, read: (key: string) => string = (key) => key): Finding[] {
  const problem = 'must be a word, or a domain, / and a word, such as example.com/owner';
  return Object.keys(isObject(values) ? values : {}).flatMap((key) => (isKey(read(key)) ? [] : [schemaError([...path, key], problem)]));
}

function isKey(key: string): boolean {
  const [name = '', prefix = 'none', ...more] = key.split('/').toReversed();
  return more.length === 0 && name.length <= 63 && word.test(name) && prefix.length <= 253 && isName(prefix);
}

function checkLabelValues(values: unknown, path: Path): Finding[] {
  return Object.entries(isObject(values) ? values : {}).flatMap(([key, value]) =>
    typeof value === 'string' && value.length <= 63 && (value === '' || word.test(value)) ? [] : [schemaError([...path, key], 'must be at most 63 letters, digits, -, _ and .')],
  );
}
