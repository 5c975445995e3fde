import type { ASTNode } from '@marcbachmann/cel-js';

/** Functions and methods that a condition may call: each ends in time that grows with the text it is given, and none knows the time. */
const calls = ['size', 'has', 'string', 'int'];
const methods = ['size', 'startsWith', 'endsWith', 'contains', 'lowerAscii', 'upperAscii', 'trim', 'exists', 'exists_one', 'all', 'filter'];
const iterations = ['exists', 'exists_one', 'all', 'filter'];

/**
 * What a condition contains that is not allowed, for people: calls that may not end soon, and iterations over anything but the
 * teams, of which there are 50 at most, or inside each other.
 */
export function findForbidden(node: ASTNode, isInside = false): string | undefined {
  return findOwn(node, isInside) ?? findInside(node, isInside || isIteration(node));
}

function findOwn(node: ASTNode, isInside: boolean): string | undefined {
  if (node.op === 'call' && !calls.includes(node.args[0])) return refuseCall(node.args[0], node.start);
  if (node.op !== 'rcall') return undefined;
  const [name, receiver] = node.args;
  if (!methods.includes(name)) return refuseCall(name, node.start);
  if (!iterations.includes(name)) return undefined;
  if (isInside) return `${name}() stands inside of another iteration, at character ${node.start + 1}.`;
  return isTeams(receiver) ? undefined : `${name}() goes over something other than subscription.teams, at character ${node.start + 1}.`;
}

/** A regular expression of one namespace could keep the operator from all others (guard 12): docs/decisions/0016-nobody-holds-another.md. */
function refuseCall(name: string, start: number): string {
  if (name === 'matches') return `matches() is not allowed, at character ${start + 1}: use startsWith(), endsWith() or contains(), with lowerAscii() if case does not matter, and || for alternatives.`;
  return `${name}() is not allowed, at character ${start + 1}; what is: ${[...calls, ...methods].join(', ')}.`;
}

function findInside(node: ASTNode, isInside: boolean): string | undefined {
  for (const child of childrenOf(node.args)) {
    const found = findForbidden(child, isInside);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isIteration(node: ASTNode): boolean {
  return node.op === 'rcall' && iterations.includes(node.args[0]);
}

function isTeams(node: ASTNode): boolean {
  return node.op === '.' && node.args[1] === 'teams' && node.args[0].op === 'id' && node.args[0].args === 'subscription';
}

/** As the schema of SoftwareSubscription bounds them. */
const mostTeams = 50;
const longestName = 253;
/** Characters that are looked at in the time in which a node is evaluated. */
const charactersAStep = 100;
/** What fails while it is evaluated makes an error with its place in the text: in steps. */
const failureSteps = 300;
/** Operators that can fail: they overflow, divide by zero, or find nothing. */
const failing: readonly string[] = ['+', '-', '*', '/', '%', '-_', '[]', '.', '.?', '[?]'];
/** Characters that one becomes in another case, at most: ß is SS. */
const caseGrowth: Readonly<Record<string, number>> = { lowerAscii: 2, upperAscii: 3 };

/** What gives a field, an item or a variable; what gives text made of its operands; and methods that do. */
const named: readonly string[] = ['id', '.', '.?', '[]', '[?]'];
const joining: readonly string[] = ['+', '?:', 'list', 'call'];
const changing: readonly string[] = ['lowerAscii', 'upperAscii', 'trim', 'filter'];

/** At most: steps to evaluate a node, and characters of what it gives. */
interface Bound {
  readonly steps: number;
  readonly size: number;
}

/** Most steps that the evaluation of a condition takes for one person, whoever that is. */
export function countSteps(node: ASTNode): number {
  return Math.ceil(boundOf(node).steps);
}

function boundOf(node: ASTNode): Bound {
  const inner = [...childrenOf(node.args)].map(boundOf);
  const own = 1 + lookedAt(node, inner) / charactersAStep + (canFail(node) ? failureSteps : 0);
  const steps = inner.reduce((sum, each) => sum + each.steps, own);
  return { steps: isIteration(node) ? mostTeams * steps : steps, size: sizeOf(node, inner) };
}

/** Of an answer, a number or a truth value it is 1. */
function sizeOf(node: ASTNode, inner: readonly Bound[]): number {
  if (node.op === 'value') return typeof node.args === 'string' ? Math.max(1, node.args.length) : 1;
  if (isTeams(node)) return mostTeams * longestName;
  if (named.includes(node.op)) return longestName;
  if (node.op === 'rcall') return changing.includes(node.args[0]) ? (caseGrowth[node.args[0]] ?? 1) * sumOfSizes(inner) : 1;
  return joining.includes(node.op) ? sumOfSizes(inner) : 1;
}

/** Characters that a node looks at: contains() may compare each with each. */
function lookedAt(node: ASTNode, inner: readonly Bound[]): number {
  if (named.includes(node.op) || isIteration(node)) return 0;
  const isSearch = node.op === 'rcall' && node.args[0] === 'contains';
  return isSearch ? inner.reduce((product, { size }) => product * size, 1) : sumOfSizes(inner);
}

function sumOfSizes(inner: readonly Bound[]): number {
  return inner.reduce((sum, { size }) => sum + size, 0);
}

function canFail(node: ASTNode): boolean {
  if (node.op === '.') return !(node.args[0].op === 'id' && node.args[0].args === 'subscription');
  return failing.includes(node.op) || (node.op === 'call' && node.args[0] === 'int');
}

/** The nodes among the operands, which are nested lists of nodes and plain values. */
function* childrenOf(operands: unknown): Generator<ASTNode> {
  if (Array.isArray(operands)) for (const one of operands) yield* childrenOf(one);
  else if (isNode(operands)) yield operands;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
