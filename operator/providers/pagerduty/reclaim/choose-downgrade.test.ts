import { describe, expect, it } from 'vitest';
import { generateCompany } from '../../../../test/pagerduty-simulator/index.ts';
import { collect } from '../../../../test/support/provider-session.ts';
import { openReclaim } from '../../../../test/support/reclaim-scene.ts';
import type { DownloadedLicense } from '../../provider.ts';
import { createPagerDutyProvider } from '../index.ts';
import { simulatorTransport } from '../../../../test/pagerduty-simulator/index.ts';
import { chooseDowngrade } from './choose-downgrade.ts';

function license(identifier: string, patch: Partial<DownloadedLicense> = {}): DownloadedLicense {
  return { identifier, name: 'Business (Stakeholder)', roleGroup: 'Stakeholder', assigned: 3, available: 5, ...patch };
}

describe('the licence to downgrade to (C18, T12)', () => {
  it('is a stakeholder’s with a seat left; no limit is always one', () => {
    expect(chooseDowngrade([license('L1', { roleGroup: 'FullUser' }), license('L2')])).toEqual({ role: 'read_only_user', subscriptionIdentifier: 'L2' });
    expect(chooseDowngrade([license('L1', { available: 0 }), license('L2', { available: null })])).toEqual({ role: 'read_only_user', subscriptionIdentifier: 'L2' });
  });

  it('is none where no seat is left, or there are no stakeholders', () => {
    expect(chooseDowngrade([])).toBeUndefined();
    expect(chooseDowngrade([license('L1', { available: 0 }), license('L2', { roleGroup: 'FullUser' }), license('L3', { roleGroup: 'Unknown' })])).toBeUndefined();
  });

  it('is the same in whatever order they come', () => {
    const licenses = [license('L3'), license('L1'), license('L2', { available: 9 }), license('L0', { name: 'Limited Stakeholder', available: null })];
    expect(chooseDowngrade(licenses)).toEqual({ role: 'read_only_user', subscriptionIdentifier: 'L2' });
    expect(chooseDowngrade(licenses.toReversed())).toEqual(chooseDowngrade(licenses));
  });

  it('takes the role that the licence can be held with', () => {
    const limited = license('L1', { validRoles: ['read_only_limited_user'], available: null });
    expect(chooseDowngrade([limited, license('L2', { validRoles: ['read_only_user', 'read_only_limited_user'], available: 1 })])).toEqual({ role: 'read_only_user', subscriptionIdentifier: 'L2' });
    expect(chooseDowngrade([limited])).toEqual({ role: 'read_only_limited_user', subscriptionIdentifier: 'L1' });
    expect(chooseDowngrade([license('L1', { validRoles: [] })])).toBeUndefined();
  });

  it('is one that PagerDuty takes, of the licences that were downloaded', async () => {
    const scene = openReclaim(generateCompany({ seed: 3, users: 40 }));
    const provider = createPagerDutyProvider({ transport: simulatorTransport(scene.simulator) });
    const pages = await collect(provider.download(scene.session()));
    const licenses = pages.flatMap((page) => (page.kind === 'Licenses' ? page.licenses : []));
    const downgradeTo = provider.reclaim.chooseDowngrade(licenses);
    const person = scene.simulator.state.company.users.find(({ story, role }) => story === 'never-on-call' && role === 'limited_user');
    if (person === undefined || downgradeTo === undefined) throw new Error('the company has nobody to downgrade');
    expect(await scene.verbs.act({ ...scene.request(person.id, 'Downgrade'), downgradeTo }, scene.session())).toEqual({ kind: 'Done' });
  });
});
