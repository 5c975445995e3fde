/** What a reconciliation found: how many subscriptions of a profile each exclusion keeps out, by its name. */
export type MatchedByExclusion = ReadonlyMap<string, number>;

/**
 * Carries what reconciliations count from them to the exclusions, whose own controller alone writes their status. Kept in
 * memory: after a restart an exclusion shows what its status says until its profiles are reconciled again.
 */
export interface ExclusionMatches {
  /** Tells what was found in a profile. */
  set(profile: { readonly namespace: string; readonly name: string }, matched: MatchedByExclusion): void;
  /** The profile is gone. */
  forget(profile: { readonly namespace: string; readonly name: string }): void;
  /** Subscriptions that the exclusion keeps out, by profile; profiles that were not reconciled since the start are missing. */
  of(exclusion: { readonly namespace: string; readonly name: string }): ReadonlyMap<string, number>;
  /** The listener hears of each exclusion, as `namespace/name`, whose counts may have changed. */
  subscribe(listener: (exclusionKey: string) => void): void;
}

export function createExclusionMatches(): ExclusionMatches {
  const namespaces = new Map<string, Map<string, MatchedByExclusion>>();
  const listeners: ((exclusionKey: string) => void)[] = [];

  function replace({ namespace, name }: { readonly namespace: string; readonly name: string }, matched: MatchedByExclusion | undefined): void {
    const profiles = namespaces.get(namespace) ?? new Map<string, MatchedByExclusion>();
    const before = profiles.get(name);
    if (matched === undefined) profiles.delete(name);
    else profiles.set(name, matched);
    namespaces.set(namespace, profiles);
    const names = new Set([...(before?.keys() ?? []), ...(matched?.keys() ?? [])]);
    for (const each of names) for (const listener of listeners) listener(`${namespace}/${each}`);
  }

  return {
    set: replace,
    forget: (profile) => replace(profile, undefined),
    of({ namespace, name }) {
      const found = new Map<string, number>();
      for (const [profile, matched] of namespaces.get(namespace) ?? []) {
        // An exclusion that came later was not counted: that is not known, not none.
        const count = matched.get(name);
        if (count !== undefined) found.set(profile, count);
      }
      return found;
    },
    subscribe(listener) {
      listeners.push(listener);
    },
  };
}
