import { toCustomResourceDefinition } from '../../operator/api/crd.ts';
import type { KindDefinition, PrinterColumn } from '../../operator/api/kind.ts';
import type { StructuralSchema } from '../../operator/api/structural-schema.ts';
import { renderTable } from './generated-block.ts';

/** The generated part of a kind's page: fields, the rules of the API server, the columns of kubectl. */
export function renderKind(kind: KindDefinition): string {
  const crd = toCustomResourceDefinition(kind);
  const [version] = crd.spec.versions;
  const { properties = {} } = version.schema.openAPIV3Schema;
  const spec = listFields(properties['spec'] ?? {}, 'spec');
  const status = listFields(properties['status'] ?? {}, 'status');
  const rules = [...spec, ...status].flatMap(renderRules);
  return [
    `\`kubectl get ${kind.shortNames[0] ?? kind.plural}\`, \`kubectl explain ${kind.singular}.spec\``,
    '### spec',
    renderTable(['Field', 'Type', 'Default', 'Required', 'Description'], spec.filter(isShown).map(renderField)),
    '### Rules that the API server checks',
    rules.length > 0 ? rules.join('\n') : 'None beyond the types and bounds above.',
    '### status',
    renderTable(['Field', 'Type', 'Description'], status.filter(isShown).map((field) => [nameOf(field), typeOf(field.schema), field.schema.description ?? ''])),
    '### Columns of kubectl get',
    renderTable(['Column', 'Field', 'Shown'], version.additionalPrinterColumns.map(renderColumn)),
  ].join('\n\n');
}

interface Field {
  readonly path: string;
  readonly schema: StructuralSchema;
  readonly required: boolean;
}

/** Every field in reading order. Conditions are the same in every kind: their parts are left out. */
function listFields(schema: StructuralSchema, path: string, required = true): Field[] {
  const self: Field = { path, schema, required };
  if (path === 'status.conditions') return [self];
  const children = Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    listFields(child, `${path}.${name}`, schema.required?.includes(name) ?? false),
  );
  const items = schema.items === undefined ? [] : listFields(schema.items, `${path}[]`);
  return [self, ...children, ...items];
}

/** The root is the heading, and an item without fields of its own is told by its list. */
function isShown({ path, schema }: Field): boolean {
  return path.includes('.') && !(path.endsWith('[]') && schema.properties === undefined) && !(path.endsWith('[]') && schema.description === undefined);
}

function nameOf({ path }: Field): string {
  return `\`${path.slice(path.indexOf('.') + 1)}\``;
}

function renderField(field: Field): string[] {
  const { schema } = field;
  const fallback = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``;
  return [nameOf(field), typeOf(schema), fallback, field.required ? 'yes' : '', schema.description ?? ''];
}

function typeOf(schema: StructuralSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.type === 'array') return `list of ${schema.items === undefined ? 'values' : typeOf(schema.items)}${rangeOf(schema.minItems, schema.maxItems, ' items')}`;
  if (schema.format !== undefined) return schema.format;
  if (schema['x-kubernetes-int-or-string'] === true) return 'integer or string';
  const range = schema.type === 'string' ? rangeOf(schema.minLength, schema.maxLength, ' characters') : rangeOf(schema.minimum, schema.maximum, '');
  return `${schema.type ?? 'anything'}${range}`;
}

function rangeOf(least: number | undefined, most: number | undefined, unit: string): string {
  if (least === undefined && most === undefined) return '';
  if (least === most) return ` (${most}${unit})`;
  if (most === undefined) return ` (at least ${least}${unit})`;
  return least === undefined ? ` (up to ${most}${unit})` : ` (${least} to ${most}${unit})`;
}

function renderRules({ path, schema }: Field): string[] {
  return (schema['x-kubernetes-validations'] ?? []).map((rule) => `- \`${path}\`: ${rule.message}`);
}

function renderColumn(column: PrinterColumn): string[] {
  return [column.name, `\`${column.jsonPath}\``, column.priority === 1 ? 'with `-o wide`' : 'always'];
}
