import { Environment, type ASTNode } from '@marcbachmann/cel-js';

/** What a rule says of a value. */
export type RuleVerdict =
  | 'Holds'
  | 'Broken'
  /** It compares with the object as it was, which a new object has not. */
  | 'Skipped'
  /** It cannot be evaluated here: nothing is known of it, and that is said. */
  | 'NotChecked';

const environment = new Environment({ unlistedVariablesAreDyn: false })
  .registerVariable('self', 'dyn')
  .registerVariable('oldSelf', 'dyn')
  // Kubernetes hands over fields of the formats date and date-time as times already, and its `timestamp` takes them.
  .registerFunction('timestamp(google.protobuf.Timestamp): google.protobuf.Timestamp', (time: unknown) => time);

type CompiledRule = { readonly kind: 'Compiled'; readonly holds: (self: unknown) => unknown } | { readonly kind: 'Transition' } | { readonly kind: 'Uncompilable' };

const compiled = new Map<string, CompiledRule>();

/** A rule of a CRD, compiled once. */
export function compileRule(rule: string): CompiledRule {
  const known = compiled.get(rule);
  if (known !== undefined) return known;
  const made = compile(rule);
  compiled.set(rule, made);
  return made;
}

/** Whether a rule holds of a value, as `toCelValue` makes it. */
export function evaluateRule(rule: string, self: unknown): RuleVerdict {
  const made = compileRule(rule);
  if (made.kind === 'Transition') return 'Skipped';
  if (made.kind === 'Uncompilable') return 'NotChecked';
  try {
    const answer = made.holds(self);
    if (typeof answer !== 'boolean') return 'NotChecked';
    return answer ? 'Holds' : 'Broken';
  } catch (error) {
    // The API server refuses what reads a field that is not there; any other failure could be of this engine.
    return codeOf(error) === 'no_such_key' ? 'Broken' : 'NotChecked';
  }
}

function compile(rule: string): CompiledRule {
  try {
    const parsed = environment.parse(rule);
    if (names(parsed.ast, 'oldSelf')) return { kind: 'Transition' };
    const { valid, type } = parsed.check();
    if (!valid || (type !== 'bool' && type !== 'dyn')) return { kind: 'Uncompilable' };
    return { kind: 'Compiled', holds: (self): unknown => parsed({ self }) };
  } catch {
    return { kind: 'Uncompilable' };
  }
}

/** Whether the expression reads the variable. */
function names(node: unknown, variable: string): boolean {
  if (Array.isArray(node)) return node.some((each) => names(each, variable));
  if (!isNode(node)) return false;
  return (node.op === 'id' && node.args === variable) || names(node.args, variable);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
