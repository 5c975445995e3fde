import { readFile } from 'node:fs/promises';
import { LineCounter, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { terminal, type OperatorError } from '../api/errors.ts';
import { apiVersion } from '../api/group.ts';
import { objectName } from '../api/meta.ts';
import { defineSoftwareEntitlement, type SoftwareEntitlementSpec } from '../api/software-entitlement.ts';
import type { Contract } from '../licensing/position/facts.ts';
import { toContract } from '../licensing/position/read-objects.ts';
import { hideAddresses } from '../licensing/text.ts';
import { createProviders } from '../providers/registry.ts';
import { placeOf } from './position/snapshot-file.ts';
import { codeOf } from './position/write-file.ts';
import { checkRules } from './validate/check-rules.ts';
import { checkSchema } from './validate/check-schema.ts';
import { kindSchemas } from './validate/kind-schemas.ts';
import { pathText } from './validate/problem.ts';

const manifest = z.object({
  apiVersion: z.literal(apiVersion),
  kind: z.literal('SoftwareEntitlement'),
  metadata: z.object({ name: objectName(''), namespace: z.string().optional() }),
  spec: defineSoftwareEntitlement().spec.strict(),
});

/**
 * The SoftwareEntitlements of a file of manifests: one or several YAML documents, or a List as kubectl prints it.
 * @param namespace where they are to count; a manifest that names another one is refused.
 * @throws OperatorError (Terminal) that says the file, which manifest, the place in it and what is wrong.
 */
export async function readEntitlements(file: string, namespace: string): Promise<Contract[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw terminal('EntitlementsUnreadable', `${file} cannot be read (${codeOf(error)}): name a file of SoftwareEntitlement manifests.`);
  }
  return parseEntitlements(file, text, namespace);
}

/** Like `readEntitlements`, of the text of the file. */
export function parseEntitlements(file: string, text: string, namespace: string): Contract[] {
  const contracts = parseYaml(file, text).flatMap(itemsOf).map((value, index) => toChecked(value, { file, index, namespace }));
  if (contracts.length === 0) throw invalid(file, 'there is no SoftwareEntitlement in it');
  const names = new Set<string>();
  for (const { name } of contracts) {
    if (names.has(name)) throw invalid(file, `SoftwareEntitlement ${name} is in it twice`);
    names.add(name);
  }
  return contracts.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function parseYaml(file: string, text: string): unknown[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, logLevel: 'silent' });
  return [...documents].map((document): unknown => {
    const [problem] = document.errors;
    if (problem !== undefined) throw invalid(file, `line ${lines.linePos(problem.pos[0]).line} is not YAML (${problem.code})`);
    try {
      return document.toJS({ maxAliasCount: 100 });
    } catch {
      throw invalid(file, 'its aliases stand for too much');
    }
  });
}

/** Empty documents, as between two `---`, are nothing. */
function itemsOf(document: unknown): unknown[] {
  if (document === null || document === undefined) return [];
  const list = z.object({ kind: z.literal('List'), items: z.array(z.unknown()) }).safeParse(document);
  return list.success ? list.data.items : [document];
}

function toChecked(value: unknown, { file, index, namespace }: { readonly file: string; readonly index: number; readonly namespace: string }): Contract {
  const parsed = manifest.safeParse(value);
  const where = `manifest ${index + 1}`;
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${placeOf(path)}: ${message}`);
    throw invalid(file, `${where}: ${problems.join('; ')}`);
  }
  const { metadata } = parsed.data;
  if (metadata.namespace !== undefined && metadata.namespace !== namespace) throw invalid(file, `${where} is for another namespace than ${namespace}`);
  // The schema of the kind has just checked it; its type is lost in the definition of the kind.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const spec = parsed.data.spec as SoftwareEntitlementSpec;
  const broken = brokenRule(spec);
  if (broken !== undefined) throw invalid(file, `${where} (${metadata.name}): ${broken}`);
  return toContract({ metadata: { name: metadata.name }, spec });
}

/** What the API server refuses besides: days that there are not, and what its rules say. */
function brokenRule(spec: SoftwareEntitlementSpec): string | undefined {
  const schema = kindSchemas(createProviders()).get('SoftwareEntitlement')?.properties?.['spec'] ?? {};
  const [malformed] = checkSchema(spec, schema, ['spec']);
  if (malformed !== undefined) return `${pathText(malformed.path)} ${malformed.message}`;
  const [broken] = checkRules(spec, schema, ['spec']);
  return broken === undefined ? undefined : `${pathText(broken.path)}.${broken.message}`;
}

function invalid(file: string, problem: string): OperatorError {
  return terminal('EntitlementsInvalid', `${file} is not used: ${hideAddresses(problem).slice(0, 1000)}. It must hold SoftwareEntitlement manifests as kubectl apply takes them.`);
}
