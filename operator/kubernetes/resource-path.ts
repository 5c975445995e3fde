import { terminal } from '../api/errors.ts';
import type { ResourceType } from '../api/kind.ts';
import type { ObjectKey } from './client.ts';

/** Values of a query string; what is undefined is left out. */
export type Query = Record<string, string | number | boolean | undefined>;

/** `/api/v1/…` or `/apis/group/version/…` of all objects of a kind, in one namespace or in all. */
export function collectionPath(type: ResourceType, namespace?: string): string {
  const root = type.apiVersion.includes('/') ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`;
  if (!type.namespaced || namespace === undefined) return `${root}/${type.plural}`;
  return `${root}/namespaces/${segment(type, namespace)}/${type.plural}`;
}

/** Path of one object or of its subresource. Fails with Terminal when the key cannot name one. */
export function objectPath(type: ResourceType, key: ObjectKey, subresource?: string): string {
  if (type.namespaced && !key.namespace) {
    throw terminal('InvalidName', `A ${type.kind} is in a namespace, and none was given.`);
  }
  const path = `${collectionPath(type, key.namespace)}/${segment(type, key.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

export function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

/**
 * A name as part of a path. The API server decodes `%2F` before it looks for namespaces, so a name such as
 * `../../other/secrets/x` from a user's reference would reach another tenant's object with our rights
 * (facts/operators.md 0.4): it is refused here, as client-go does.
 */
function segment(type: ResourceType, name: string): string {
  if (name === '' || name === '.' || name === '..' || !/^[A-Za-z0-9._:~-]+$/.test(name)) {
    throw terminal('InvalidName', `A name of a ${type.kind} is empty or holds a character that no name may have; correct the reference.`);
  }
  return encodeURIComponent(name);
}
