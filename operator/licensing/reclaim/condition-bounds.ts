import type { ASTNode } from '@marcbachmann/cel-js';

/** Functions and methods that a condition may call: each ends in time that grows with the text it is given, and none knows the time. */
const calls = ['size', 'has', 'string', 'int'];
const methods = ['size', 'startsWith', 'endsWith', 'contains', 'lowerAscii', 'upperAscii', 'trim', 'matches', 'exists', 'exists_one', 'all', 'filter'];
const iterations = ['exists', 'exists_one', 'all', 'filter'];

/** Longest regular expression, and how much of it may repeat: a backtracking matcher takes the product of these. */
const maxPattern = 100;
const maxRepetitions = 2;

/**
 * What a condition holds that is not allowed, for people: calls that are not known to end soon, iterations over anything but the
 * teams, of which there are 50 at most, or inside of each other, and regular expressions that could take for ever.
 */
export function findForbidden(node: ASTNode, isInside = false): string | undefined {
  return findOwn(node, isInside) ?? findInside(node, isInside || isIteration(node));
}

function findOwn(node: ASTNode, isInside: boolean): string | undefined {
  if (node.op === 'call' && !calls.includes(node.args[0])) return `${node.args[0]}() is not allowed, at character ${node.start + 1}; what is: ${[...calls, ...methods].join(', ')}.`;
  if (node.op !== 'rcall') return undefined;
  const [name, receiver] = node.args;
  if (!methods.includes(name)) return `${name}() is not allowed, at character ${node.start + 1}; what is: ${[...calls, ...methods].join(', ')}.`;
  if (name === 'matches') return findPatternProblem(node);
  if (!iterations.includes(name)) return undefined;
  if (isInside) return `${name}() stands inside of another iteration, at character ${node.start + 1}.`;
  return isTeams(receiver) ? undefined : `${name}() goes over something other than subscription.teams, at character ${node.start + 1}.`;
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

function findPatternProblem(node: ASTNode & { readonly op: 'rcall' }): string | undefined {
  const [pattern, ...others] = node.args[2];
  const isText = pattern?.op === 'value' && typeof pattern.args === 'string' && others.length === 0;
  const problem = isText ? judgePattern(pattern.args) : 'matches() takes one regular expression written as text';
  return problem === undefined ? undefined : `${problem}, at character ${node.start + 1}.`;
}

function judgePattern(text: string): string | undefined {
  if (text.length > maxPattern) return `the regular expression is longer than ${maxPattern} characters`;
  if (/\\[1-9k]|\(\?/.test(text)) return 'the regular expression refers back, looks around or has a group with (?';
  const bare = text.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x');
  const repetitions = bare.match(/[*+?{]/g) ?? [];
  if (/\)[*+?{]/.test(bare) || repetitions.length > maxRepetitions) {
    return `the regular expression repeats a group, or has more than ${maxRepetitions} repetitions, which could take for ever`;
  }
  return isPattern(text) ? undefined : 'the regular expression is not valid';
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

/** The nodes among the operands, which are nested lists of nodes and plain values. */
function* childrenOf(operands: unknown): Generator<ASTNode> {
  if (Array.isArray(operands)) for (const one of operands) yield* childrenOf(one);
  else if (isNode(operands)) yield operands;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
