import type { ConnectionAlias, ConnectionAliasSpec } from './connection-alias.ts';
import type { Failure } from './errors.ts';

/** More generations than anybody needs; a bound for what a mistake can cost. */
export const longestAliasChain = 8;
const recheckMs = 60_000;
const credentials = ['appToken', 'oauth', 'apiToken'] as const;

export type EffectiveAlias = { readonly spec: ConnectionAliasSpec } | { readonly failure: Failure };

/**
 * The spec of an alias with what it leaves out taken from its parent, and that one's parent (S77, S78, L27).
 * `find` gives an alias of the same namespace by name. A loop, a parent of another type and a chain that is
 * too long are Terminal; a parent that is not there is Waiting.
 */
export function resolveAlias(alias: ConnectionAlias, find: (name: string) => ConnectionAlias | undefined): EffectiveAlias {
  const seen = [alias.metadata.name];
  let spec = alias.spec;
  let parentName = spec.parentAliasRef?.name;
  while (parentName !== undefined) {
    const problem = seen.includes(parentName) || seen.length >= longestAliasChain;
    if (problem) return { failure: loop(parentName) };
    const parent = find(parentName);
    if (parent === undefined) return { failure: missing(parentName) };
    if (parent.spec.type !== alias.spec.type) return { failure: otherType(parentName, parent.spec.type, alias.spec.type) };
    seen.push(parentName);
    spec = inherit(spec, parent.spec);
    parentName = parent.spec.parentAliasRef?.name;
  }
  const { parentAliasRef: _parent, ...own } = spec;
  return { spec: own };
}

/** Names of the parents that resolving the alias looks at, nearest first; of a loop, each once. */
export function parentsOf(alias: ConnectionAlias, find: (name: string) => ConnectionAlias | undefined): string[] {
  const names: string[] = [];
  for (let next = alias.spec.parentAliasRef?.name; next !== undefined; next = find(next)?.spec.parentAliasRef?.name) {
    if (names.includes(next) || names.length >= longestAliasChain) break;
    names.push(next);
  }
  return names;
}

function inherit(child: ConnectionAliasSpec, parent: ConnectionAliasSpec): ConnectionAliasSpec {
  const hasCredential = credentials.some((name) => child[name] !== undefined);
  const { appToken, oauth, apiToken, parentAliasRef: _parent, ...rest } = parent;
  const from = hasCredential ? rest : { ...rest, ...defined({ appToken, oauth, apiToken }) };
  return { ...merge(from, child), type: child.type, suspend: child.suspend || parent.suspend };
}

/** Field by field; the child's values win. */
function merge(parent: Record<string, unknown>, child: Record<string, unknown>): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...parent };
  for (const [key, value] of Object.entries(child)) {
    const below = merged[key];
    if (value !== undefined) merged[key] = isRecord(value) && isRecord(below) ? merge(below, value) : value;
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function defined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function loop(name: string): Failure {
  return {
    kind: 'Terminal',
    reason: 'ParentAliasLoop',
    message: `The parent aliases lead back to ${name}, or are more than ${longestAliasChain}: remove a spec.parentAliasRef.`,
  };
}

function missing(name: string): Failure {
  return {
    kind: 'Waiting',
    reason: 'ParentAliasMissing',
    message: `Parent ConnectionAlias ${name} is not in this namespace: create it, or change spec.parentAliasRef.`,
    retryAfterMs: recheckMs,
  };
}

function otherType(name: string, parentType: string, type: string): Failure {
  return {
    kind: 'Terminal',
    reason: 'ParentAliasTypeMismatch',
    message: `Parent ConnectionAlias ${name} is of type ${parentType}, this alias of type ${type}: name a parent of the same type.`,
  };
}
