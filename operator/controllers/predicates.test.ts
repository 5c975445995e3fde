import { describe, expect, it } from 'vitest';
import { anAlias, aProfile } from '../../test/support/builders.ts';
import { isAliasReadinessChange, isChangeOfIntent, isProcessChange, isProfileChange } from './predicates.ts';

describe('what wakes a controller', () => {
  it('our own status writes do not wake us again', () => {
    const old = aProfile();
    const written = { ...old, metadata: { ...old.metadata, resourceVersion: '2' }, status: { ...old.status, allowedActions: ['Validate'] } };
    expect(isProfileChange({ key: 'a/b', old, new: written })).toBe(false);
  });

  it('a request to refresh, a new generation and a deletion do', () => {
    const old = aProfile();
    const annotated = { ...old, metadata: { ...old.metadata, annotations: { 'saaslicense.dev/requestedAt': 'now' } } };
    const edited = { ...old, metadata: { ...old.metadata, generation: 2 } };
    expect(isChangeOfIntent({ key: 'a/b', old, new: annotated })).toBe(true);
    expect(isChangeOfIntent({ key: 'a/b', old, new: edited })).toBe(true);
    expect(isChangeOfIntent({ key: 'a/b', old })).toBe(true);
  });

  it('the result that a refresh job writes wakes the profile', () => {
    const old = aProfile();
    const done = aProfile({ status: { refresh: { subscriptions: undefined } } });
    expect(isProfileChange({ key: 'a/b', old, new: done })).toBe(true);
  });

  it('an alias that becomes ready wakes its profiles; its token renewal alone does not', () => {
    const old = anAlias();
    const ready = anAlias({ ready: 'True' });
    const renewed = { ...ready, status: { ...ready.status, token: undefined } };
    expect(isAliasReadinessChange({ key: 'a/b', old, new: ready })).toBe(true);
    expect(isAliasReadinessChange({ key: 'a/b', old: ready, new: renewed })).toBe(false);
  });

  it('S48: a scope that the alias lacks wakes the profile that wants it, though the alias stays ready', () => {
    const old = anAlias({ ready: 'True' });
    const scopes = { type: 'ScopesSufficient', status: 'False' as const, reason: 'ScopesNotGranted', message: 'users.write', observedGeneration: 1, lastTransitionTime: '' };
    const told = { ...old, status: { ...old.status, conditions: [...(old.status?.conditions ?? []), scopes] } };
    expect(isAliasReadinessChange({ key: 'a/b', old, new: told })).toBe(true);
    expect(isAliasReadinessChange({ key: 'a/b', old: told, new: structuredClone(told) })).toBe(false);
  });

  it('S2: enabling or clearing a process or a signal wakes the alias, whose scopes follow', () => {
    const old = aProfile();
    expect(isProcessChange({ key: 'a/b', old, new: aProfile({ spec: { reclaimSubscriptions: false } }) })).toBe(true);
    expect(isProcessChange({ key: 'a/b', old, new: aProfile({ spec: { activitySignals: ['OnCall', 'SignIn'] } }) })).toBe(true);
    expect(isProcessChange({ key: 'a/b', old, new: aProfile({ spec: { reclaimAliasRef: { name: 'writer' } } }) })).toBe(true);
    expect(isProcessChange({ key: 'a/b', old, new: aProfile({ spec: { displayName: 'Other' } }) })).toBe(false);
  });
});
