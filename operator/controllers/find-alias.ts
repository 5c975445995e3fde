import type { ConnectionAlias } from '../api/connection-alias.ts';
import type { Stores } from './dependencies.ts';

/** Gives an alias of the namespace by name, from the cache: parents are looked for there and nowhere else (design section 1). */
export function aliasFinder({ aliases }: Pick<Stores, 'aliases'>, namespace = ''): (name: string) => ConnectionAlias | undefined {
  return (name) => aliases.get(`${namespace}/${name}`);
}
