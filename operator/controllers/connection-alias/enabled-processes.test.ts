import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { aliasesOfProfile, enabledProcesses, enabledSignals, processWishes } from './enabled-processes.ts';

describe('what profiles need of an alias', () => {
  const split = aProfile({ spec: { connectionAliasRef: { name: 'everyday' }, reclaimAliasRef: { name: 'admin' }, activitySignals: ['OnCall', 'SignIn'] } });

  it('S2: is what they have enabled, in table order', () => {
    expect(enabledProcesses([aProfile()], 'pagerduty')).toEqual(['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription']);
    expect(enabledProcesses([aProfile({ spec: { downloadActivity: false, reclaimSubscriptions: false } })], 'pagerduty')).toEqual(['DownloadSubscriptions']);
    expect(enabledProcesses([aProfile({ spec: { suspend: true } })], 'pagerduty')).toEqual([]);
  });

  it('C30: with an alias for reclaiming, the everyday alias needs no right to write, and that one nothing else', () => {
    expect(aliasesOfProfile(split)).toEqual({ everyday: 'everyday', reclaim: 'admin' });
    expect(enabledProcesses([split], 'everyday')).toEqual(['DownloadSubscriptions', 'PullUserActivity']);
    expect(enabledProcesses([split], 'admin')).toEqual(['ReclaimSubscription']);
    expect(enabledSignals([split], 'everyday')).toEqual(['OnCall', 'SignIn']);
    expect(enabledSignals([split], 'admin')).toEqual([]);
  });

  it('C30: an alias for reclaiming is not used while reclaim is cleared', () => {
    expect(enabledProcesses([{ ...split, spec: { ...split.spec, reclaimSubscriptions: false } }], 'admin')).toEqual([]);
  });

  it('S2: the signals of a suspended profile are not asked for', () => {
    const rich = aProfile({ name: 'rich', spec: { suspend: true, activitySignals: ['SignIn'] } });
    expect(enabledSignals([aProfile(), rich], 'pagerduty')).toEqual(['OnCall']);
  });

  it('tells which profile wants what, sorted, so that a missing scope has an owner', () => {
    const idle = aProfile({ name: 'idle', spec: { suspend: true } });
    const reader = aProfile({ name: 'reader', spec: { reclaimSubscriptions: false, downloadActivity: false } });
    expect(processWishes([reader, idle, aProfile({ name: 'all' })], 'pagerduty')).toEqual([
      { profile: 'all', processes: ['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription'] },
      { profile: 'reader', processes: ['DownloadSubscriptions'] },
    ]);
    expect(processWishes([split], 'admin')).toEqual([{ profile: split.metadata.name, processes: ['ReclaimSubscription'] }]);
  });

  it('of several profiles it is all that any of them needs', () => {
    const other = aProfile({ name: 'other', spec: { connectionAliasRef: { name: 'admin' }, downloadActivity: false, reclaimSubscriptions: false } });
    expect(enabledProcesses([split, other], 'admin')).toEqual(['DownloadSubscriptions', 'ReclaimSubscription']);
  });
});
