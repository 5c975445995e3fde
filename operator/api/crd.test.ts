import { describe, expect, it } from 'vitest';
import { leastSpecs } from '../../test/support/least-specs.ts';
import { createProviders, providerFragments } from '../providers/registry.ts';
import { toCustomResourceDefinition } from './crd.ts';
import type { KindDefinition } from './kind.ts';
import { defineKinds } from './kinds.ts';
import type { StructuralSchema } from './structural-schema.ts';

const kinds = defineKinds(providerFragments(createProviders()));
const byName = new Map(kinds.map((kind) => [kind.kind, kind]));

function kindOf(name: string): KindDefinition {
  const kind = byName.get(name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  return kind;
}

function schemaOf(kind: KindDefinition): StructuralSchema {
  return toCustomResourceDefinition(kind).spec.versions[0].schema.openAPIV3Schema;
}

/** Fills defaults in as the API server does: from the outside in, objects and items of lists. */
function applyDefaults(schema: StructuralSchema, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => applyDefaults(schema.items ?? {}, item));
  if (typeof value !== 'object' || value === null) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    if (filled[name] === undefined && child.default !== undefined) filled[name] = structuredClone(child.default);
    if (filled[name] !== undefined) filled[name] = applyDefaults(child, filled[name]);
  }
  return filled;
}

/** Paths of required lists that server-side apply merges by item. */
function requiredMergedLists(schema: StructuralSchema, path: string): string[] {
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const isMerged = child['x-kubernetes-list-type'] === 'map' || child['x-kubernetes-list-type'] === 'set';
    const self = isMerged && schema.required?.includes(name) === true ? [`${path}.${name}`] : [];
    return [...self, ...requiredMergedLists(child, `${path}.${name}`)];
  });
  return schema.items === undefined ? below : [...below, ...requiredMergedLists(schema.items, `${path}[]`)];
}

describe('the CustomResourceDefinitions', () => {
  it('require no list of status that server-side apply takes away when it is empty: the whole status would be refused', () => {
    expect(kinds.flatMap((kind) => requiredMergedLists(schemaOf(kind).properties?.['status'] ?? {}, kind.kind))).toEqual([]);
  });

  it('are those of design section 1 and of docs/decisions/0011, with their short names', () => {
    expect(kinds.map((kind) => [kind.kind, kind.shortNames.join()])).toEqual([
      ['ConnectionAlias', 'connalias'],
      ['IntegrationProfile', 'intprof'],
      ['ReclamationRule', 'recrule'],
      ['SubscriptionExclusion', 'subexcl'],
      ['SoftwareModel', 'swmodel'],
      ['SoftwareEntitlement', 'swent'],
      ['SoftwareSubscription', 'swsub'],
      ['RemovalCandidate', 'remcand'],
      ['AuditRecord', 'auditrec'],
    ]);
  });

  it.each(kinds)('$kind: names, scope, category, status subresource, one served version', (kind) => {
    const crd = toCustomResourceDefinition(kind);
    expect(crd.metadata.name).toBe(`${kind.plural}.saaslicense.dev`);
    expect(crd.spec).toMatchObject({
      group: 'saaslicense.dev',
      scope: 'Namespaced',
      names: { kind: kind.kind, listKind: `${kind.kind}List`, plural: kind.plural, singular: kind.singular, categories: ['saaslicense'] },
    });
    expect(crd.spec.versions).toHaveLength(1);
    expect(crd.spec.versions[0]).toMatchObject({ name: 'v1alpha1', served: true, storage: true, subresources: { status: {} } });
    expect(schemaOf(kind).required).toEqual(['spec']);
  });

  it.each(kinds)('$kind: far below the 256 KiB that kubectl apply can keep', (kind) => {
    expect(JSON.stringify(toCustomResourceDefinition(kind)).length).toBeLessThan(64 * 1024);
  });

  it.each(kinds)('$kind: what the API server fills in is what zod fills in', (kind) => {
    const given = leastSpecs[kind.kind as keyof typeof leastSpecs];
    const schema = schemaOf(kind).properties?.['spec'] ?? {};
    expect(applyDefaults(schema, given)).toEqual(kind.spec.parse(given));
  });

  it.each(kinds)('$kind: every field that people write is described', (kind) => {
    const bare: string[] = [];
    const visit = (schema: StructuralSchema, path: string): void => {
      for (const [name, child] of Object.entries(schema.properties ?? {})) {
        if (child.description === undefined) bare.push(`${path}.${name}`);
        visit(child, `${path}.${name}`);
      }
      if (schema.items !== undefined) visit(schema.items, `${path}[]`);
    };
    visit(schemaOf(kind).properties?.['spec'] ?? {}, 'spec');
    expect(bare).toEqual([]);
  });

  it.each(kinds)('$kind: no reference to another object has a namespace (facts/operators.md 0.4)', (kind) => {
    expect(JSON.stringify(schemaOf(kind))).not.toContain('"namespace"');
  });

  it.each(kinds)('$kind: every string and list of spec has a bound, so that no object and no CEL cost grows without end', (kind) => {
    const boundless: string[] = [];
    const visit = (schema: StructuralSchema, path: string): void => {
      if (schema.type === 'string' && schema.maxLength === undefined && schema.enum === undefined) boundless.push(path);
      if (schema.type === 'array' && schema.maxItems === undefined) boundless.push(path);
      for (const [name, child] of Object.entries(schema.properties ?? {})) visit(child, `${path}.${name}`);
      if (schema.items !== undefined) visit(schema.items, `${path}[]`);
    };
    visit(schemaOf(kind).properties?.['spec'] ?? {}, 'spec');
    expect(boundless).toEqual([]);
  });

  it.each(kinds)('$kind: every column reads a field that the schema has', (kind) => {
    const schema = schemaOf(kind);
    for (const { jsonPath, name } of kind.printerColumns) {
      const path = jsonPath.replace(/\[\?.*\]/, '').split('.').slice(1);
      if (path[0] === 'metadata') continue;
      const found = path.reduce<StructuralSchema | undefined>((at, part) => at?.properties?.[part] ?? at?.items?.properties?.[part], schema);
      expect(found, `${kind.kind} column ${name}: ${jsonPath}`).toBeDefined();
    }
  });
});

describe('the defaults that decide what happens to people', () => {
  const rule = kindOf('ReclamationRule').spec.parse(leastSpecs.ReclamationRule);

  it('S79, C15: a rule is not confirmed and only proposes', () => {
    expect(rule).toMatchObject({ mode: 'Propose' });
    expect(rule).not.toHaveProperty('confirmedRule');
  });

  it('L2, C1, C9, C11, C12, C13, C17: thresholds, grace and caps', () => {
    expect(rule).toMatchObject({
      lastActivityThresholdDays: 60,
      newSeatGraceDays: 60,
      pendingInvitationGraceDays: 30,
      keepCooldownDays: 90,
      maxDataAgeHours: 36,
      licenseRoleGroups: ['FullUser'],
      limits: { maxPerRun: 10, maxPercent: 5, maxCandidateRatio: 30, minAdmins: 2 },
      protect: { tags: ['license-keep'] },
      notify: { daysBeforeAutoReclaim: 14 },
    });
  });

  it('C32: a threshold is 1 to 1825 days', () => {
    const { lastActivityThresholdDays } = kindOf('ReclamationRule').spec.shape;
    const accepts = (days: number) => lastActivityThresholdDays?.safeParse(days).success;
    expect([0, 1, 1825, 1826, 60.5].map(accepts)).toEqual([false, true, true, false, false]);
  });

  it('S38, S40, S48: all three processes are selected', () => {
    expect(kindOf('IntegrationProfile').spec.parse(leastSpecs.IntegrationProfile)).toMatchObject({
      downloadSubscriptions: true,
      downloadActivity: true,
      reclaimSubscriptions: true,
      publish: false,
    });
  });
});
