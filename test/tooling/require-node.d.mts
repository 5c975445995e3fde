/** What to tell a person whose Node is too old; undefined when it is not. */
export function explainOldNode(version: string): string | undefined;
