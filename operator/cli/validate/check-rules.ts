import type { StructuralSchema } from '../../api/structural-schema.ts';
import { isObject, schemaOf } from './apply-defaults.ts';
import { evaluateRule } from './cel-rule.ts';
import { toCelValue } from './cel-value.ts';
import type { Finding, Path } from './problem.ts';

/** What the rules (CEL) of a schema and of all within it find wrong with a value that goes with the schema and has its defaults. */
export function checkRules(value: unknown, schema: StructuralSchema, path: Path): Finding[] {
  return [...checkOwnRules(value, schema, path), ...checkInner(value, schema, path)];
}

function checkOwnRules(value: unknown, schema: StructuralSchema, path: Path): Finding[] {
  const { 'x-kubernetes-validations': rules = [] } = schema;
  if (rules.length === 0) return [];
  const self = toCelValue(value, schema);
  return rules.flatMap(({ rule, message }): Finding[] => {
    const verdict = evaluateRule(rule, self);
    if (verdict === 'Broken') return [{ path, check: 'Rule', severity: 'error', message }];
    if (verdict === 'NotChecked') return [{ path, check: 'NotChecked', severity: 'error', message: `the rule "${rule}" cannot be evaluated here, so it is not known whether the API server takes this; please report it` }];
    return [];
  });
}

function checkInner(value: unknown, schema: StructuralSchema, path: Path): Finding[] {
  const { items } = schema;
  if (Array.isArray(value)) return items === undefined ? [] : value.flatMap((each: unknown, index) => checkRules(each, items, [...path, index]));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    const inner = schemaOf(schema, name);
    return inner === undefined ? [] : checkRules(each, inner, [...path, name]);
  });
}
