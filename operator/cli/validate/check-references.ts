import { isObject } from './apply-defaults.ts';
import type { Finding, Path } from './problem.ts';

/** An object of the manifests that are checked together. */
export interface GivenObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly spec: unknown;
}

interface Reference {
  readonly path: readonly string[];
  readonly to: string;
}

const references: Readonly<Record<string, readonly Reference[]>> = {
  ConnectionAlias: [{ path: ['spec', 'parentAliasRef'], to: 'ConnectionAlias' }],
  IntegrationProfile: [
    { path: ['spec', 'connectionAliasRef'], to: 'ConnectionAlias' },
    { path: ['spec', 'reclaimAliasRef'], to: 'ConnectionAlias' },
  ],
  ReclamationRule: [
    { path: ['spec', 'profileRef'], to: 'IntegrationProfile' },
    { path: ['spec', 'softwareModelRef'], to: 'SoftwareModel' },
  ],
  SoftwareModel: [{ path: ['spec', 'profileRef'], to: 'IntegrationProfile' }],
  SoftwareEntitlement: [{ path: ['spec', 'modelRef'], to: 'SoftwareModel' }],
  SoftwareSubscription: [{ path: ['spec', 'profileRef'], to: 'IntegrationProfile' }],
  RemovalCandidate: [
    { path: ['spec', 'subject', 'profileRef'], to: 'IntegrationProfile' },
    { path: ['spec', 'subject', 'ruleRef'], to: 'ReclamationRule' },
    { path: ['spec', 'subject', 'subscriptionRef'], to: 'SoftwareSubscription' },
  ],
};

/** Kinds that people write, so that whoever refers to one should have it in the same place. Others are the operator's. */
const writtenByPeople: readonly string[] = ['ConnectionAlias', 'IntegrationProfile'];

/** What does not fit together among the objects: warnings, since the rest may be elsewhere. In the order of the objects. */
export function checkReferences(objects: readonly GivenObject[]): (readonly Finding[])[] {
  const keys = objects.map(keyOf);
  const known = new Set(keys);
  const kinds = new Set(objects.map(({ kind, namespace }) => `${kind} ${namespace}`));
  return objects.map((object, index) => [
    ...(keys.indexOf(keys[index] ?? '') < index ? [warning(['metadata', 'name'], 'this object is given twice: only the last counts')] : []),
    ...findMissing(object, known, kinds),
    ...findRival(object, objects.slice(0, index)),
  ]);
}

function findMissing(object: GivenObject, known: ReadonlySet<string>, kinds: ReadonlySet<string>): Finding[] {
  return (references[object.kind] ?? []).flatMap(({ path, to }): Finding[] => {
    const name = nameAt(object, path);
    const isExpected = writtenByPeople.includes(to) || kinds.has(`${to} ${object.namespace}`);
    if (name === undefined || !isExpected || known.has(keyOf({ kind: to, namespace: object.namespace, name }))) return [];
    return [warning([...path, 'name'], `there is no ${to} ${name} among these manifests, in the same namespace`)];
  });
}

/** Two rules that cover the same subscriptions: one of them finds that the other was first. */
function findRival(object: GivenObject, before: readonly GivenObject[]): Finding[] {
  if (object.kind !== 'ReclamationRule') return [];
  const of = (rule: GivenObject): readonly (string | undefined)[] => [nameAt(rule, ['spec', 'profileRef']), nameAt(rule, ['spec', 'softwareModelRef'])];
  const [profile, model] = of(object);
  const rival = before.find((rule) => {
    const [otherProfile, otherModel] = of(rule);
    const isSame = rule.name === object.name;
    return !isSame && rule.kind === object.kind && rule.namespace === object.namespace && profile === otherProfile && model === otherModel;
  });
  if (rival === undefined) return [];
  const what = model === undefined ? `all of profile ${profile ?? ''}` : `model ${model}`;
  return [warning(['spec', model === undefined ? 'profileRef' : 'softwareModelRef', 'name'], `ReclamationRule ${rival.name} is for ${what} too: a subscription is a candidate of one of them only`)];
}

function nameAt(object: GivenObject, path: readonly string[]): string | undefined {
  const found = [...path, 'name'].reduce<unknown>((value, part) => (isObject(value) ? value[part] : undefined), { spec: object.spec });
  return typeof found === 'string' ? found : undefined;
}

function keyOf({ kind, namespace, name }: Pick<GivenObject, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace}/${name}`;
}

function warning(path: Path, message: string): Finding {
  return { path, check: 'Reference', severity: 'warning', message };
}
