import { processNames, type IntegrationProfile, type ProcessName } from '../../api/integration-profile.ts';

/** Names of the aliases that a profile uses: the everyday one, and the one that reclaims (C30). */
export function aliasesOfProfile({ spec }: IntegrationProfile): { everyday: string; reclaim: string } {
  const everyday = spec.connectionAliasRef.name;
  return { everyday, reclaim: spec.reclaimAliasRef?.name ?? everyday };
}

/** Processes for which one profile uses an alias. */
export interface ProcessWish {
  readonly profile: string;
  readonly processes: readonly ProcessName[];
}

function isActive({ spec, metadata }: IntegrationProfile): boolean {
  return !spec.suspend && metadata.deletionTimestamp === undefined;
}

/**
 * Processes, in table order, that any of the profiles has enabled and for which it uses this alias; a suspended or
 * deleted profile asks for nothing. What reclaims is asked of the alias that reclaims only (S2, C30).
 */
export function enabledProcesses(profiles: readonly IntegrationProfile[], aliasName: string): ProcessName[] {
  const active = profiles.filter(isActive);
  const everyday = active.filter((profile) => aliasesOfProfile(profile).everyday === aliasName);
  const reclaiming = active.filter((profile) => aliasesOfProfile(profile).reclaim === aliasName);
  const enabled: Record<ProcessName, boolean> = {
    DownloadSubscriptions: everyday.length > 0,
    PullUserActivity: everyday.some((profile) => profile.spec.downloadActivity),
    ReclaimSubscription: reclaiming.some((profile) => profile.spec.reclaimSubscriptions),
  };
  return processNames.filter((name) => enabled[name]);
}

/** What each profile uses the alias for, by name; one that asks for nothing is left out. */
export function processWishes(profiles: readonly IntegrationProfile[], aliasName: string): ProcessWish[] {
  return profiles
    .map((profile) => ({ profile: profile.metadata.name, processes: enabledProcesses([profile], aliasName) }))
    .filter(({ processes }) => processes.length > 0)
    .sort((a, b) => (a.profile < b.profile ? -1 : 1));
}

/** Activity signals of the profiles that pull activity through this alias. */
export function enabledSignals(profiles: readonly IntegrationProfile[], aliasName: string): string[] {
  const pulling = profiles.filter((profile) => isActive(profile) && aliasesOfProfile(profile).everyday === aliasName && profile.spec.downloadActivity);
  return Array.from(new Set(pulling.flatMap((profile) => profile.spec.activitySignals))).sort();
}
