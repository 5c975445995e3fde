import { describe, expect, it } from 'vitest';
import { anAlias, aProfile } from '../../test/support/builders.ts';
import { aModel } from '../../test/support/position-builders.ts';
import { aReclamationRule } from '../../test/support/rule-builders.ts';
import type { ConnectionAlias } from '../api/connection-alias.ts';
import type { IntegrationProfile } from '../api/integration-profile.ts';
import type { Condition } from '../api/meta.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { showConditions } from './show-conditions.ts';
import { accessKeeper } from './wake.ts';

const condition = (type: string): Condition => ({ type, status: 'True', reason: 'x', message: '', lastTransitionTime: '' });

/** What a controller reads of a cache, with the listener in our hands. */
function aStore<T>(objects: T[]) {
  const listeners: ((change: { key: string; new?: T }) => void)[] = [];
  return { list: () => objects, subscribe: (listener: (change: { key: string; new?: T }) => void) => listeners.push(listener), tell: (change: { key: string; new?: T }) => listeners.forEach((each) => each(change)) };
}

describe('conditions as metrics', () => {
  it('are there for what the caches hold at the start, follow changes, and go with the object', async () => {
    const metrics = createMetrics();
    const profile = aProfile({ status: { conditions: [condition('Ready'), condition('Audited')] } });
    const profiles = aStore<IntegrationProfile>([profile]);
    const aliases = aStore<ConnectionAlias>([anAlias({ ready: 'True' })]);
    const models = aStore([aModel({ status: { conditions: [condition('Compliant')] } })]);
    const rules = aStore([aReclamationRule({ status: { conditions: [condition('Evaluated')] } })]);
    const others = { models, rules, entitlements: aStore([]), exclusions: aStore([]) };
    showConditions({ profiles, aliases, ...others } as unknown as Parameters<typeof showConditions>[0], metrics);
    const types = async () => [...(await metrics.render()).matchAll(/^saaslicense_condition\{kind="(\w+)".*type="(\w+)"/gm)].map(([, kind, type]) => `${kind} ${type}`).sort();
    // `Audited` is another writer's: how many of those there are, nobody knows.
    expect(await types()).toEqual(['ConnectionAlias Ready', 'IntegrationProfile Ready', 'ReclamationRule Evaluated', 'SoftwareModel Compliant']);
    profiles.tell({ key: 'team-a/pagerduty', new: aProfile({ status: { conditions: [condition('Ready'), condition('Stalled')] } }) });
    expect(await types()).toEqual(['ConnectionAlias Ready', 'IntegrationProfile Ready', 'IntegrationProfile Stalled', 'ReclamationRule Evaluated', 'SoftwareModel Compliant']);
    profiles.tell({ key: 'team-a/pagerduty' });
    aliases.tell({ key: 'team-a/pagerduty' });
    models.tell({ key: 'team-a/pagerduty-business' });
    rules.tell({ key: 'team-a/business' });
    expect(await types()).toEqual([]);
  });
});

describe('who looks after the access that a namespace shares', () => {
  it('one profile with jobs, always the same', () => {
    const scheduledJobs = [{ title: 't', process: 'subscriptions' as const, cronJob: 'c', schedule: '', timeZone: '', suspended: false }];
    const withJobs = (name: string) => aProfile({ name, status: { scheduledJobs } });
    expect(accessKeeper([withJobs('b'), aProfile({ name: 'a' }), withJobs('c')])?.metadata.name).toBe('b');
    expect(accessKeeper([aProfile()])).toBeUndefined();
  });
});
