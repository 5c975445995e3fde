import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { aModel } from '../../../test/support/position-builders.ts';
import { aReclamationRule } from '../../../test/support/rule-builders.ts';
import { defineReclamationRule } from '../../api/reclamation-rule.ts';
import { buildRule, listedLicenses } from './build-rule.ts';
import { findOwnRule, modelsWithoutRule } from './make-rules.ts';

const published = aProfile({ status: { state: 'Published' } });
const adminRoles = ['owner', 'admin'];
const none = { downgradeTo: undefined, adminRoles };
const target = { role: 'read_only_user', subscriptionIdentifier: 'PLIC002' };

describe('the rule that is made for a model', () => {
  it('S74, S79: is all defaults, not confirmed, in the mode that proposes', () => {
    const rule = buildRule(aModel(), published, none);
    expect(rule?.metadata.labels).toMatchObject({ 'saaslicense.dev/auto-generated': 'true', 'saaslicense.dev/profile': 'pagerduty' });
    const filled = defineReclamationRule().spec.parse(rule?.spec);
    expect(filled).toMatchObject({ mode: 'Propose', action: 'Remove', lastActivityThresholdDays: 60, licenseRoleGroups: ['FullUser'], limits: { minAdmins: 2 } });
  });

  it('C7, C18: moves full users to a lesser licence where there is one, and never downgrades stakeholders', () => {
    expect(buildRule(aModel(), published, { downgradeTo: target, adminRoles })?.spec).toMatchObject({ action: 'Downgrade', downgradeTo: target });
    expect(buildRule(aModel({ spec: { roleGroup: 'Stakeholder' } }), published, { downgradeTo: target, adminRoles })?.spec).toMatchObject({ action: 'Remove', licenseRoleGroups: ['Stakeholder'] });
  });

  it('C13, T3: protects admins, who never carry a pager, until somebody says otherwise; no stakeholder is one', () => {
    expect(defineReclamationRule().spec.parse(buildRule(aModel(), published, none)?.spec)).toMatchObject({ protect: { roles: ['owner', 'admin'], tags: ['license-keep'] } });
    expect(buildRule(aModel({ spec: { roleGroup: 'Stakeholder' } }), published, none)?.spec).not.toHaveProperty('protect');
  });

  it('L28: belongs to no other object, so that it outlives its profile', () => {
    expect(buildRule(aModel(), published, { downgradeTo: target, adminRoles })?.metadata.ownerReferences).toBeUndefined();
  });

  it('is none for people of no known group of roles', () => {
    expect(buildRule(aModel({ spec: { roleGroup: 'Unknown' } }), published, { downgradeTo: target, adminRoles })).toBeUndefined();
  });

  it('C7: knows which licences have seats left, and takes one that only people have for none', () => {
    const licence = { identifier: 'A', name: 'A', roleGroup: 'Stakeholder', subscriptions: 3 };
    const refresh = { subscriptions: { licenses: [{ ...licence, assigned: 3, available: 2 }, { ...licence, identifier: 'B', assigned: 3, unlimited: true }, { ...licence, identifier: 'C' }] } };
    const found = listedLicenses(aProfile({ status: { refresh } as never }));
    expect(found.map(({ identifier, available }) => [identifier, available])).toEqual([['A', 2], ['B', null]]);
  });
});

describe('when a rule is made', () => {
  it('S74: once the profile is published, and once only: a model that had one never gets another', () => {
    expect(modelsWithoutRule(aProfile({ status: { state: 'Draft' } }), [aModel()])).toEqual([]);
    expect(modelsWithoutRule(published, [aModel()])).toHaveLength(1);
    expect(modelsWithoutRule(published, [aModel({ status: { reclamationRule: 'deleted-since' } })])).toEqual([]);
    expect(modelsWithoutRule(published, [aModel({ spec: { profileRef: { name: 'other' } } })])).toEqual([]);
  });

  it('S74: not where a person has written a rule for the model or for the whole profile', () => {
    const [forModel, forAll, forOther] = [{ softwareModelRef: { name: 'pagerduty-business' } }, {}, { softwareModelRef: { name: 'other' } }].map((spec, index) => aReclamationRule({ name: `rule-${index}`, spec }));
    expect(findOwnRule(aModel(), [forAll, forModel].filter((rule) => rule !== undefined))?.metadata.name).toBe('rule-0');
    expect(findOwnRule(aModel(), forAll === undefined ? [] : [forAll])?.metadata.name).toBe('rule-1');
    expect(findOwnRule(aModel(), forOther === undefined ? [] : [forOther])).toBeUndefined();
  });
});
