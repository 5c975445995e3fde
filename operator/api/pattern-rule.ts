import type { CelRule } from './kind.ts';

/**
 * A pattern as a rule with a sentence of its own, for `.meta()`: of a `pattern` the API server shows the bare regular expression,
 * which tells nobody what to write. The string must have a `maxLength`, which bounds what the rule costs.
 */
export function patternRule(pattern: RegExp, message: string): { 'x-kubernetes-validations': CelRule[] } {
  // A raw string of CEL, in which only the quote would end it.
  if (/['\n]/.test(pattern.source) || pattern.flags !== '') throw new Error(`the pattern ${pattern.source} cannot be written as a rule`);
  return { 'x-kubernetes-validations': [{ rule: `self.matches(r'${pattern.source.replaceAll('\\/', '/')}')`, message }] };
}
