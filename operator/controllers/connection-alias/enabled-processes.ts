import { processNames, type IntegrationProfile, type ProcessName } from '../../api/integration-profile.ts';

/** Names of the aliases that a profile uses: the everyday one, and the one that reclaims (C30). */
export function aliasesOfProfile({ spec }: IntegrationProfile): { everyday: string; reclaim: string } {
  const everyday = spec.connectionAliasRef.name;
  return { everyday, reclaim: spec.reclaimAliasRef?.name ?? everyday };
}

/**
 * Processes, in table order, that any of the profiles has enabled and for which it uses this alias; a suspended or
 * deleted profile asks for nothing. What reclaims is asked of the alias that reclaims only (S2, C30).
 */
export function enabledProcesses(profiles: readonly IntegrationProfile[], aliasName: string): ProcessName[] {
  const active = profiles.filter((profile) => !profile.spec.suspend && profile.metadata.deletionTimestamp === undefined);
  const everyday = active.filter((profile) => aliasesOfProfile(profile).everyday === aliasName);
  const reclaiming = active.filter((profile) => aliasesOfProfile(profile).reclaim === aliasName);
  const enabled: Record<ProcessName, boolean> = {
    DownloadSubscriptions: everyday.length > 0,
    PullUserActivity: everyday.some((profile) => profile.spec.downloadActivity),
    ReclaimSubscription: reclaiming.some((profile) => profile.spec.reclaimSubscriptions),
  };
  return processNames.filter((name) => enabled[name]);
}

/** Activity signals of the profiles that pull activity through this alias. */
export function enabledSignals(profiles: readonly IntegrationProfile[], aliasName: string): string[] {
  const pulling = profiles.filter((profile) => aliasesOfProfile(profile).everyday === aliasName && profile.spec.downloadActivity);
  return Array.from(new Set(pulling.flatMap((profile) => profile.spec.activitySignals))).sort();
}
