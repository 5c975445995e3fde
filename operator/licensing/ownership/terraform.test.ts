import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateText, userInstance, userResource } from '../../../test/support/ownership-fixtures.ts';
import { terraformOwner } from './terraform-proposal.ts';
import { parseTerraformState, type TerraformUser } from './terraform-state.ts';

function usersOf(text: string): readonly TerraformUser[] {
  const read = parseTerraformState(text);
  if ('problem' in read) throw new Error(read.problem);
  return read.users;
}

function onlyUser(...resource: Parameters<typeof userResource>): TerraformUser {
  const [user] = usersOf(stateText([userResource(...resource)]));
  if (user === undefined) throw new Error('nobody');
  return user;
}

describe('people in a Terraform state', () => {
  it('D7, C25: are found in every module and with every kind of key', () => {
    const text = stateText([
      userResource([userInstance('Anna@Example.com', 'PANNA')], { name: 'anna' }),
      userResource([userInstance('bo@example.com', 'PBO', { index_key: 0 }), userInstance('cy@example.com', 'PCY', { index_key: 1 })]),
      userResource([userInstance('di@example.com', 'PDI', { index_key: 'di@example.com' })], { module: 'module.teams["core"].module.people' }),
      { ...userResource([userInstance('data@example.com', 'PDATA')]), mode: 'data' },
      { ...userResource([userInstance('team@example.com', 'PTEAM')]), type: 'pagerduty_team' },
    ]);
    expect(usersOf(text).map(({ address, externalUserId, resource }) => [address, externalUserId, resource])).toEqual([
      ['anna@example.com', 'PANNA', 'pagerduty_user.anna'],
      ['bo@example.com', 'PBO', 'pagerduty_user.people[0]'],
      ['cy@example.com', 'PCY', 'pagerduty_user.people[1]'],
      ['di@example.com', 'PDI', 'module.teams["core"].module.people.pagerduty_user.people["(address)"]'],
    ]);
  });

  it('D7: are found when they are tainted, deposed, or told in the old flat way', () => {
    const { attributes, ...flat } = userInstance('anna@example.com', 'PANNA');
    const text = stateText([userResource([userInstance('bo@example.com', 'PBO', { status: 'tainted' }), userInstance('cy@example.com', 'PCY', { deposed: '0a1b2c3d' }), { ...flat, attributes_flat: attributes }])]);
    expect(usersOf(text).map(({ externalUserId }) => externalUserId)).toEqual(['PBO', 'PCY', 'PANNA']);
  });

  it('D7: are found by id where there is no address, and the other way round', () => {
    expect(onlyUser([userInstance(undefined, 'PANNA')])).toMatchObject({ address: undefined, externalUserId: 'PANNA' });
    expect(onlyUser([userInstance(' Anna@Example.com ', undefined)])).toMatchObject({ address: 'anna@example.com', externalUserId: undefined });
  });

  it('a state without people is one that owns nobody', () => {
    expect(usersOf(stateText([]))).toEqual([]);
    expect(usersOf(stateText([userResource([])]))).toEqual([]);
  });

  it.each<[string, string]>([
    ['', 'cut off'],
    ['not JSON', 'cut off'],
    [stateText([userResource([userInstance('anna@example.com', 'PANNA')])]).slice(0, -3), 'cut off'],
    ['[]', 'cut off'],
    ['null', 'cut off'],
    [JSON.stringify({ version: 3, modules: [] }), 'another version than 4'],
    [JSON.stringify({ resources: [] }), 'another version than 4'],
    [stateText([], { version: '4' }), 'another version than 4'],
    [stateText([], { version: 5 }), 'another version than 4'],
    [JSON.stringify({ serial: 1, lineage: 'x', meta: {}, encrypted_data: 'x', encryption_version: 'v0' }), 'OpenTofu has encrypted'],
    [JSON.stringify({ version: 4 }), 'without a list of resources'],
    [stateText([], { resources: {} }), 'without a list of resources'],
    [stateText([null]), 'no mode, type and name'],
    [stateText([{ mode: 'managed', type: 'pagerduty_user', instances: [] }]), 'no mode, type and name'],
    [stateText([userResource(undefined)]), 'without a list of instances'],
    [stateText([userResource([userInstance(undefined, undefined)])]), 'neither e-mail address nor id'],
    [stateText([userResource([{ attributes: null }])]), 'neither e-mail address nor id'],
    [stateText([userResource([userInstance('anna@example.com', 'PANNA'), 7])]), 'neither e-mail address nor id'],
    [stateText(Array.from({ length: 3 }, () => userResource(Array.from({ length: 7000 }, (_, number) => ({ attributes: { id: `P${number}` } }))))), 'more than 20000 people'],
  ])('D7, guard 6: %j is a problem, and never nobody', (text, problem) => {
    const read = parseTerraformState(text);
    expect(read).toEqual({ problem: expect.stringContaining(problem) as string });
    expect(JSON.stringify(read)).not.toContain('anna');
  });

  it('guard 6: a state that is cut off anywhere is a problem', () => {
    const text = stateText([userResource([userInstance('anna@example.com', 'PANNA')])]);
    for (let end = 0; end < text.length; end += 1) expect([end, 'problem' in parseTerraformState(text.slice(0, end))]).toEqual([end, true]);
  });

  it('guard 6: whatever the JSON, it is read or a problem, and no address of it comes out but those of people', () => {
    fc.assert(fc.property(fc.json(), (text) => {
      const read = parseTerraformState(text);
      expect('problem' in read || Array.isArray(read.users)).toBe(true);
    }));
    fc.assert(fc.property(fc.array(fc.record({ mode: fc.constant('managed'), type: fc.constant('pagerduty_user'), name: fc.string(), module: fc.option(fc.string(), { nil: undefined }), instances: fc.array(fc.anything()) })), (resources) => {
      const read = parseTerraformState(JSON.stringify({ version: 4, resources }) ?? '');
      expect('problem' in read || read.users.every(({ address, externalUserId }) => address !== undefined || externalUserId !== undefined)).toBe(true);
    }));
  });
});

describe('what to change in a Terraform configuration', () => {
  it('D7, C25: a removal says what goes and what the plan must show', () => {
    const { ownership } = terraformOwner(onlyUser([userInstance('anna@example.com', 'PANNA')], { name: 'anna', module: 'module.people' }), 'tfstate-default-people', [{ action: 'Remove' }]);
    expect(ownership).toEqual({
      managedBy: 'Terraform',
      reference: 'module.people.pagerduty_user.anna in Secret tfstate-default-people',
      proposal: [
        'To remove the account:',
        '1. In the configuration, delete the block resource "pagerduty_user" "anna" { … } in module.people.',
        '2. terraform plan shows that module.people.pagerduty_user.anna is destroyed, and nothing else.',
        '3. terraform apply.',
        "To give the account up instead, so that it is reclaimed from here: do step 1, then terraform state rm 'module.people.pagerduty_user.anna' before the next apply.",
      ].join('\n'),
    });
  });

  it('D7, T12: a downgrade names role and licence', () => {
    const { ownership } = terraformOwner(onlyUser([userInstance('anna@example.com', 'PANNA')]), 's', [{ action: 'Downgrade', downgradeTo: { role: 'read_only_user', subscriptionIdentifier: 'PLICENSE' } }]);
    expect(ownership.proposal).toContain('resource "pagerduty_user" "people" {\n  license = "PLICENSE"\n  role    = "read_only_user"\n}');
  });

  it('D7: without an action both are told', () => {
    const { ownership } = terraformOwner(onlyUser([userInstance('anna@example.com', 'PANNA')]), 's');
    expect(ownership.proposal).toMatch(/To remove[\s\S]*To downgrade/);
  });

  it('D7: a key of for_each is taken out, and a number of count moves those after it', () => {
    const keyed = terraformOwner(onlyUser([userInstance('anna@example.com', 'PANNA', { index_key: 'anna' })]), 's', [{ action: 'Remove' }]);
    expect(keyed.ownership.proposal).toContain('take the key "anna" out of what for_each');
    const counted = terraformOwner(onlyUser([userInstance('anna@example.com', 'PANNA', { index_key: 3 })]), 's', [{ action: 'Remove' }]);
    expect(counted.ownership.proposal).toContain('take number 3 out of what count');
  });

  it('guard 7: no address is in reference or proposal, whatever names and keys there are', () => {
    const user = onlyUser([userInstance('anna@example.com', 'PANNA', { index_key: 'anna@example.com' })], { module: 'module.p["bo@example.com"]', name: 'people' });
    const owner = terraformOwner(user, 's');
    expect(JSON.stringify(owner.ownership)).not.toMatch(/anna|bo@|example\.com/);
    expect(owner.ownership.proposal).toContain('"(address)" stands for the e-mail address of the person.');
    expect(owner.address).toBe('anna@example.com');
  });

  it('nothing is too long for a candidate', () => {
    const user = onlyUser([userInstance('anna@example.com', 'PANNA', { index_key: '${x}'.repeat(5000) })]);
    const { ownership } = terraformOwner(user, 's');
    expect([ownership.reference.length, ownership.proposal?.length]).toEqual([512, 4096]);
  });
});
