/** Reasons for which the result of an evaluation holds the rule, not the evidence: they stay until the next one (C12, L16). */
export const heldForResult: readonly string[] = ['BlastRadius', 'NoActivitySeen'];
