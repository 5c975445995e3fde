import { describe, expect, it } from 'vitest';
import { createPagerDutyProvider } from './index.ts';
import { listScopes, normaliseScope, vendorConfiguration } from './permissions.ts';

describe('what PagerDuty asks for', () => {
  it('S3–S13: shows the rows of the guide, scopes with dots (T1)', () => {
    expect(vendorConfiguration).toEqual([
      { process: 'DownloadSubscriptions', createAppRole: 'Manager', tokenRole: 'Observer', scopes: { scoped: 'users.read', classic: 'read' } },
      { process: 'PullUserActivity', createAppRole: 'Manager', tokenRole: 'Observer', scopes: { scoped: 'oncalls.read', classic: 'read' } },
      { process: 'ReclaimSubscription', createAppRole: 'Global admin', tokenRole: 'Global admin', scopes: { scoped: 'users.write', classic: 'write' } },
    ]);
  });

  it('S2: asks for the scopes of the enabled processes and no more', () => {
    expect(listScopes({ processes: ['DownloadSubscriptions', 'PullUserActivity'], signals: ['OnCall'] })).toEqual({
      required: ['oncalls.read', 'users.read'],
      optional: ['licenses.read', 'teams.read'],
    });
    expect(listScopes({ processes: ['ReclaimSubscription', 'PullUserActivity', 'DownloadSubscriptions'], signals: ['OnCall'] }).required).toEqual(['oncalls.read', 'users.read', 'users.write']);
    expect(listScopes({ processes: ['PullUserActivity'], signals: ['OnCall'] })).toEqual({ required: ['oncalls.read'], optional: [] });
    expect(listScopes({ processes: [], signals: ['OnCall'] })).toEqual({ required: [], optional: [] });
  });

  it('S2, C16: adds a signal’s scope as an optional one, only while the signal and the activity process are enabled', () => {
    const all = ['OnCall', 'SignIn', 'AuditActor', 'IncidentResponse'];
    expect(listScopes({ processes: ['DownloadSubscriptions', 'PullUserActivity'], signals: all })).toEqual({
      required: ['oncalls.read', 'users.read'],
      optional: ['analytics.write', 'audit_records.read', 'incidents.read', 'licenses.read', 'teams.read'],
    });
    for (const [signal, scope] of [['SignIn', 'analytics.write'], ['AuditActor', 'audit_records.read'], ['IncidentResponse', 'incidents.read']] as const) {
      expect(listScopes({ processes: ['PullUserActivity'], signals: [signal] })).toEqual({ required: ['oncalls.read'], optional: [scope] });
    }
    expect(listScopes({ processes: ['DownloadSubscriptions', 'ReclaimSubscription'], signals: all }).optional).not.toContain('analytics.write');
    expect(listScopes({ processes: ['PullUserActivity'], signals: ['Unknown'] })).toEqual({ required: ['oncalls.read'], optional: [] });
  });

  it('S2, guard 3, D4: reclaiming asks for users.write, and for what its checks and its undo read and write as optional ones', () => {
    const { required, optional } = listScopes({ processes: ['DownloadSubscriptions', 'ReclaimSubscription'], signals: [] });
    expect(required).toEqual(['users.read', 'users.write']);
    expect(optional).toEqual([
      'escalation_policies.read',
      'incidents.read',
      'licenses.read',
      'oncalls.read',
      'schedules.read',
      'subscribers.read',
      'subscribers.write',
      'tags.read',
      'tags.write',
      'teams.read',
      'teams.write',
      'users:contact_methods.read',
      'users:contact_methods.write',
    ]);
    expect([...required, ...optional]).toEqual(expect.arrayContaining([...createPagerDutyProvider().reclaim.guardScopes]));
  });

  it('T1, S5: reads the guide’s colons as dots, and leaves the scopes that really hold one', () => {
    expect(['users:read', 'oncalls:read', 'users:write', 'audit_records:read'].map(normaliseScope)).toEqual([
      'users.read',
      'oncalls.read',
      'users.write',
      'audit_records.read',
    ]);
    for (const scope of ['users.read', 'users:contact_methods.read', 'users:sessions.read', 'openid']) expect(normaliseScope(scope)).toBe(scope);
  });

  it('S35, S37, S39, S47: uses the exact names', () => {
    const provider = createPagerDutyProvider();
    expect(provider).toMatchObject({
      type: 'PagerDuty',
      profileType: 'PagerDuty Subscription',
      publisher: 'PagerDuty',
      product: 'PagerDuty',
      subflows: {
        downloadSubscriptions: 'PagerDuty Download Subscriptions',
        updateUserActivity: 'PagerDuty Update User Activity',
        reclaimSubscription: 'PagerDuty Reclaim Subscription',
      },
    });
  });

  it('T3, C16: says that silence means something about full users only, but for sign-ins', () => {
    expect(createPagerDutyProvider().signals.map(({ name, sees }) => ({ name, sees }))).toEqual([
      { name: 'OnCall', sees: ['FullUser'] },
      { name: 'SignIn', sees: ['FullUser', 'Stakeholder'] },
      { name: 'AuditActor', sees: ['FullUser'] },
      { name: 'IncidentResponse', sees: ['FullUser'] },
    ]);
  });

  it('names the account for people', () => {
    expect(createPagerDutyProvider().describeAccount({ subdomain: 'acme', region: 'EU' })).toBe('acme (EU)');
  });
});
