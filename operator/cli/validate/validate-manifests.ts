import { apiVersion, group, version } from '../../api/group.ts';
import type { StructuralSchema } from '../../api/structural-schema.ts';
import { hideAddresses } from '../../licensing/text.ts';
import type { Provider } from '../../providers/provider.ts';
import { isObject } from './apply-defaults.ts';
import { checkObject } from './check-object.ts';
import { checkProduct, type ProductContext } from './check-product.ts';
import { checkReferences, type GivenObject } from './check-references.ts';
import { kindSchemas } from './kind-schemas.ts';
import type { Manifest } from './parse-manifests.ts';
import { pathText, type Finding, type Problem } from './problem.ts';

/** What was found wrong with manifests. */
export interface Report {
  /** Objects of our group that were checked. */
  readonly checked: number;
  /** Objects of other groups, which are not looked at. */
  readonly passedOver: number;
  /** In the order of files and lines. */
  readonly problems: readonly Problem[];
}

export interface ValidateOptions {
  readonly providers: readonly Provider[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Checks manifests as the API server and the operator would, without either (design section 6). */
export function validateManifests(manifests: readonly Manifest[], options: ValidateOptions): Report {
  const schemas = kindSchemas(options.providers);
  const looked = manifests.map((manifest) => ({ manifest, ...look(manifest, schemas) }));
  const good = looked.flatMap(({ manifest, object }) => (object === undefined ? [] : [{ manifest, object }]));
  const profiles = new Map(good.filter(({ object }) => object.kind === 'IntegrationProfile').map(({ object }) => [`${object.namespace}/${object.name}`, object.spec]));
  const product = good.map(({ manifest, object }) => ({ manifest, object, findings: checkProduct(object.kind, object.spec, contextOf(object, profiles, options)) }));
  const between = checkReferences(good.map(({ object }) => object));
  const related = good.map(({ manifest }, index) => ({ manifest, findings: between[index] ?? [] }));
  return {
    checked: looked.filter(({ isOurs }) => isOurs).length,
    passedOver: looked.filter(({ isForeign }) => isForeign).length,
    problems: [...looked, ...product, ...related].flatMap(({ manifest, findings }) => findings.map((finding) => toProblem(manifest, finding))).toSorted(inOrder(manifests)),
  };
}

interface Look {
  readonly isOurs: boolean;
  readonly isForeign: boolean;
  /** Only of one that the API server would take. */
  readonly object: GivenObject | undefined;
  readonly findings: readonly Finding[];
}

const unread = { isOurs: false, isForeign: false, object: undefined };

function look(manifest: Manifest, schemas: ReadonlyMap<string, StructuralSchema>): Look {
  const { value } = manifest;
  if (manifest.findings.length > 0) return { ...unread, findings: manifest.findings };
  if (!isObject(value)) return { ...unread, findings: [fileError([], 'is no object of Kubernetes')] };
  const { apiVersion: given = '', kind = '' } = value;
  if (typeof given !== 'string' || given === '') return { ...unread, findings: [fileError(['apiVersion'], `is required, such as ${apiVersion}`)] };
  if (typeof kind !== 'string' || kind === '') return { ...unread, findings: [fileError(['kind'], 'is required')] };
  if (!given.startsWith(`${group}/`)) return { ...unread, isForeign: true, findings: [] };
  return { isOurs: true, isForeign: false, ...lookAtOurs(value, kind, schemas) };
}

function lookAtOurs(value: Readonly<Record<string, unknown>>, kind: string, schemas: ReadonlyMap<string, StructuralSchema>): Pick<Look, 'object' | 'findings'> {
  if (value['apiVersion'] !== apiVersion) return { object: undefined, findings: [fileError(['apiVersion'], `there is no such version: write ${group}/${version}`)] };
  const schema = schemas.get(kind);
  if (schema === undefined) return { object: undefined, findings: [fileError(['kind'], `there is no such kind: there are ${[...schemas.keys()].join(', ')}`)] };
  const { object, findings } = checkObject(value, schema);
  return { findings, object: findings.length > 0 ? undefined : { kind, ...namesOf(value), spec: object['spec'] } };
}

function contextOf(object: GivenObject, profiles: ReadonlyMap<string, unknown>, { providers, now }: ValidateOptions): ProductContext {
  const reference = isObject(object.spec) ? object.spec['profileRef'] : undefined;
  const name = isObject(reference) && typeof reference['name'] === 'string' ? reference['name'] : '';
  const profile = profiles.get(`${object.namespace}/${name}`);
  const { type, activitySignals } = isObject(profile) ? profile : {};
  const meant = providers.filter((provider) => type === undefined || provider.type === type);
  const pulled = Array.isArray(activitySignals) ? activitySignals.filter((signal) => typeof signal === 'string') : undefined;
  return { now, name: object.name, signals: [...new Set(meant.flatMap(({ signals }) => signals.map((signal) => signal.name)))], pulled };
}

function toProblem(manifest: Manifest, { path, check, severity, message }: Finding): Problem {
  const { file, document, value } = manifest;
  const kind = isObject(value) && typeof value['kind'] === 'string' ? value['kind'] : '';
  const { name } = namesOf(value);
  return { file, line: manifest.lineOf(path), document, kind: hideAddresses(kind), name: hideAddresses(name), path: hideAddresses(pathText(path)), check, severity, message: hideAddresses(message) };
}

function namesOf(value: unknown): { readonly namespace: string; readonly name: string } {
  const metadata = isObject(value) && isObject(value['metadata']) ? value['metadata'] : {};
  const { name, namespace } = metadata;
  return { name: typeof name === 'string' ? name : '', namespace: typeof namespace === 'string' ? namespace : '' };
}

function fileError(path: Finding['path'], message: string): Finding {
  return { path, check: 'Schema', severity: 'error', message };
}

/** Files in the order in which they were given; in a file by line. */
function inOrder(manifests: readonly Manifest[]): (a: Problem, b: Problem) => number {
  const files = [...new Set(manifests.map(({ file }) => file))];
  return (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line;
}
