import { Buffer } from 'node:buffer';
import { OperatorError } from '../../api/errors.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';

/** Lower-case addresses of people who left, by the name of the rule (C19). */
export type Leavers = ReadonlyMap<string, ReadonlySet<string>>;

interface Secret extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * Who left, of rules that name a Secret with them. Most people may not read Secrets: of a rule whose list cannot be read there is none,
 * and nothing is planned for it as if the list were empty.
 */
export async function gatherLeavers(reader: Pick<KubernetesClient, 'get'>, rules: readonly ReclamationRule[], namespace: string): Promise<Leavers> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const { metadata, spec } of rules) {
    if (spec.leaversRef === undefined) continue;
    const text = await readKey(reader, { namespace, name: spec.leaversRef.name }, spec.leaversRef.key);
    if (text !== undefined) found.set(metadata.name, readAddresses(text));
  }
  return found;
}

async function readKey(reader: Pick<KubernetesClient, 'get'>, key: { readonly namespace: string; readonly name: string }, field: string): Promise<string | undefined> {
  try {
    const encoded = (await reader.get<Secret>(coreResources.Secret, key))?.data?.[field];
    return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
  } catch (error) {
    if (error instanceof OperatorError && error.failure.reason === 'Forbidden') return undefined;
    throw error;
  }
}

/** One address a line; what begins with # is a comment, as the operator reads it. */
function readAddresses(text: string): Set<string> {
  const lines = text.split(/\r?\n/).map((line) => line.trim().toLowerCase());
  return new Set(lines.filter((line) => line !== '' && !line.startsWith('#')));
}
