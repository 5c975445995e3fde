import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxIdentifiers } from '../../api/software-model.ts';
import { roleGroups } from '../../api/software-subscription.ts';
import { decideModels, type FoundIdentifier, type ModelsInput } from './models.ts';

type Model = ModelsInput['models'][number];

const business = { name: 'Business (Full User)', roleGroup: 'FullUser' } as const;
const viewer = { name: 'Business (Stakeholder)', roleGroup: 'Stakeholder' } as const;

function listed(...licences: readonly (readonly [string, { readonly name: string; readonly roleGroup: FoundIdentifier['roleGroup'] }])[]): Pick<ModelsInput, 'found' | 'listed'> {
  return {
    listed: licences.map(([identifier, licence]) => ({ identifier, ...licence })),
    found: licences.map(([identifier, { name, roleGroup }]) => ({ identifier, edition: name, roleGroup, subscriptions: 2 })),
  };
}

/** Licences are hidden: role groups stand for them (T6). */
function hidden(...groups: readonly FoundIdentifier['roleGroup'][]): Pick<ModelsInput, 'found' | 'listed'> {
  return { listed: [], found: groups.map((roleGroup) => ({ identifier: roleGroup, roleGroup, subscriptions: 2 })) };
}

function model(name: string, change: Partial<Model> = {}): Model {
  return { name, identifiers: [name], roleGroup: 'FullUser', ...change };
}

function decide(input: Partial<ModelsInput>): ReturnType<typeof decideModels> {
  return decideModels({ profileName: 'pagerduty', found: [], models: [], listed: [], listedAll: true, ...input });
}

/** The models after the intents were carried out. */
function carryOut(models: readonly Model[], { create, adopt }: ReturnType<typeof decideModels>['intents']): Model[] {
  const kept = models.map((one) => ({ ...one, identifiers: [...one.identifiers, ...adopt.filter((each) => each.model === one.name).map(({ identifier }) => identifier)] }));
  return [...kept, ...create.map(({ identifier, ...facts }) => ({ ...facts, identifiers: [identifier] }))];
}

/** The models after days with these licences. */
function liveThrough(...days: readonly Pick<ModelsInput, 'found' | 'listed'>[]): Model[] {
  return days.reduce<Model[]>((models, day) => carryOut(models, decide({ ...day, models }).intents), []);
}

describe('models of licences', () => {
  it('S73: one for each licence, and one for a licence that nobody has', () => {
    const { intents } = decide({ ...listed(['L1', business], ['L2', viewer]), found: [] });
    expect(intents).toEqual({
      create: [
        { name: 'pagerduty-business-full-user', identifier: 'L1', edition: business.name, roleGroup: 'FullUser' },
        { name: 'pagerduty-business-stakeholder', identifier: 'L2', edition: viewer.name, roleGroup: 'Stakeholder' },
      ],
      adopt: [],
    });
  });

  it('T6: one for each role group where licences are hidden', () => {
    const { intents, unrecognized } = decide(hidden('FullUser', 'Stakeholder', 'Unknown'));
    expect(intents.create.map(({ name }) => name)).toEqual(['pagerduty-fulluser', 'pagerduty-stakeholder']);
    expect(unrecognized).toEqual([{ identifier: 'Unknown', roleGroup: 'Unknown', subscriptions: 2, reason: 'UnknownRole' }]);
  });

  it('S73: none for an identifier that a model claims', () => {
    expect(decide({ ...listed(['L1', business]), models: [model('mine', { identifiers: ['L0', 'L1'] })] })).toEqual({ intents: { create: [], adopt: [] }, unrecognized: [] });
  });

  it('S73: the role group of the people counts where the vendor’s list does not say it', () => {
    const day = { ...listed(['L1', { name: 'Business', roleGroup: 'Unknown' }]), found: [{ identifier: 'L1', roleGroup: 'FullUser', subscriptions: 1 } as const] };
    expect(decide(day).intents.create).toEqual([{ name: 'pagerduty-business', identifier: 'L1', edition: 'Business', roleGroup: 'FullUser' }]);
  });

  it('L25: an unknown role is recognised once a person adds it to a model', () => {
    expect(decide({ ...hidden('Unknown'), models: [model('mine', { identifiers: ['Unknown'] })] }).unrecognized).toEqual([]);
  });
});

describe('a change of plan, which gives licences other ids', () => {
  it('S73: is followed by name and role group, though the role group alone would not tell', () => {
    const other = { name: 'Digital Operations', roleGroup: 'FullUser' } as const;
    const before = liveThrough(listed(['L1', business], ['L2', other]));
    const { intents, unrecognized } = decide({ ...listed(['N1', business], ['N2', other]), models: before });
    expect(intents).toEqual({
      create: [],
      adopt: [{ model: 'pagerduty-business-full-user', identifier: 'N1' }, { model: 'pagerduty-digital-operations', identifier: 'N2' }],
    });
    expect(unrecognized).toEqual([]);
  });

  it('S73: is followed by role group, when the name changes too', () => {
    const before = liveThrough(listed(['L1', business], ['L2', viewer]));
    const after = listed(['N1', { name: 'Digital Operations', roleGroup: 'FullUser' }], ['N2', { name: 'Digital Operations', roleGroup: 'Stakeholder' }]);
    expect(decide({ ...after, models: before }).intents.adopt.map((one) => `${one.model}: ${one.identifier}`)).toEqual([
      'pagerduty-business-full-user: N1',
      'pagerduty-business-stakeholder: N2',
    ]);
  });

  it('L25: waits for a person where the new licence could continue several', () => {
    const models = [model('a', { edition: 'Old A' }), model('b', { edition: 'Old B' })];
    const { intents, unrecognized } = decide({ ...listed(['N1', business]), models });
    expect(intents).toEqual({ create: [], adopt: [] });
    expect(unrecognized).toEqual([{ identifier: 'N1', name: business.name, roleGroup: 'FullUser', subscriptions: 2, reason: 'AmbiguousPlanChange' }]);
    const decided = [model('a', { identifiers: ['a', 'N1'] }), model('b')];
    expect(decide({ ...listed(['N1', business]), models: decided }).unrecognized).toEqual([]);
  });

  it('L25: waits for a person where several new ones could continue the same', () => {
    const { intents, unrecognized } = decide({ ...listed(['N1', business], ['N2', { name: 'Other', roleGroup: 'FullUser' }]), models: [model('a', { edition: 'Old' })] });
    expect(intents).toEqual({ create: [], adopt: [] });
    expect(unrecognized.map(({ identifier, reason }) => `${identifier} ${reason}`)).toEqual(['N1 AmbiguousPlanChange', 'N2 AmbiguousPlanChange']);
  });

  it('S73: names are not unique: two of the same name are told apart by nothing, and wait', () => {
    const models = [model('a', { edition: business.name }), model('b', { edition: business.name })];
    expect(decide({ ...listed(['N1', business], ['N2', business]), models }).unrecognized.map(({ reason }) => reason)).toEqual(['AmbiguousPlanChange', 'AmbiguousPlanChange']);
  });

  it('S73: a further licence beside one that is still there is a product of its own', () => {
    const before = liveThrough(listed(['L1', business]));
    const { intents } = decide({ ...listed(['L1', business], ['L2', business]), models: before });
    expect(intents.adopt).toEqual([]);
    expect(intents.create[0]?.name).toMatch(/^pagerduty-business-full-user-[0-9a-z]{11}$/);
  });

  it('L25: a model has room for 32 identifiers', () => {
    const full = Array.from({ length: maxIdentifiers }, (_, index) => `old-${index}`);
    const day = listed(['N1', business]);
    expect(decide({ ...day, models: [model('a', { identifiers: full })] })).toMatchObject({ intents: { create: [], adopt: [] }, unrecognized: [{ reason: 'TooManyIdentifiers' }] });
    expect(decide({ ...day, models: [model('a', { identifiers: full.slice(1) })] }).intents.adopt.length).toBe(1);
  });

  it('S73: a list that is not whole proves of no licence that it is gone', () => {
    const before = [model('a', { edition: business.name })];
    expect(decide({ ...listed(['N1', business]), models: before, listedAll: false }).intents).toMatchObject({ adopt: [], create: [{ identifier: 'N1' }] });
    expect(decide({ ...listed(['N1', business]), models: before, listedAll: true }).intents.adopt.length).toBe(1);
  });
});

describe('licences that are hidden for a day', () => {
  const shown = listed(['L1', business], ['L2', viewer]);

  it('T6: end where they began: the same models, which have people on every day', () => {
    const before = liveThrough(shown);
    const after = liveThrough(shown, hidden('FullUser', 'Stakeholder'), shown);
    expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
    expect(after.map(({ identifiers }) => identifiers)).toEqual([['L1', 'FullUser'], ['L2', 'Stakeholder']]);
    expect(liveThrough(shown, hidden('FullUser', 'Stakeholder'), shown, hidden('FullUser', 'Stakeholder'), shown)).toEqual(after);
  });

  it('T6: end where they began also when several share a role group, which nobody can tell apart on that day', () => {
    const several = listed(['L1', business], ['L2', viewer], ['L3', { name: 'Other', roleGroup: 'FullUser' }]);
    const before = liveThrough(several);
    const thatDay = decide({ ...hidden('FullUser', 'Stakeholder'), models: before });
    expect(thatDay.unrecognized.map(({ identifier, reason }) => `${identifier} ${reason}`)).toEqual(['FullUser AmbiguousPlanChange']);
    const after = liveThrough(several, hidden('FullUser', 'Stakeholder'), several);
    expect(after.map(({ name, identifiers }) => [name, identifiers[0]])).toEqual(before.map(({ name, identifiers }) => [name, identifiers[0]]));
    expect(decide({ ...several, models: after })).toEqual({ intents: { create: [], adopt: [] }, unrecognized: [] });
  });

  it('T6: that were hidden from the start become the licence that is shown later', () => {
    expect(liveThrough(hidden('FullUser', 'Stakeholder'), shown).map(({ name, identifiers }) => [name, identifiers])).toEqual([
      ['pagerduty-fulluser', ['FullUser', 'L1']],
      ['pagerduty-stakeholder', ['Stakeholder', 'L2']],
    ]);
  });

  it('T6: are judged though the list is empty, as it is then not cut', () => {
    const models = [model('a', { identifiers: ['L1'] })];
    expect(decide({ ...hidden('FullUser'), models, listedAll: false }).intents.adopt).toEqual([{ model: 'a', identifier: 'FullUser' }]);
  });
});

describe('names of models', () => {
  const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
  const nameOf = (profileName: string, edition: string, models: readonly Model[] = []) =>
    decide({ profileName, models, found: [{ identifier: 'L1', edition, roleGroup: 'FullUser', subscriptions: 1 }, ...models.flatMap(({ identifiers }) => identifiers.map((identifier) => ({ identifier, roleGroup: 'FullUser' as const, subscriptions: 1 })))] }).intents.create[0]?.name;

  it('S73: can be read, and have a hash only where they must', () => {
    expect(nameOf('pagerduty', 'Business (Full User)')).toBe('pagerduty-business-full-user');
    expect(nameOf('pagerduty', 'ビジネス')).toBe('pagerduty-fulluser');
    expect(nameOf('pagerduty', 'Business', [model('pagerduty-business')])).toMatch(/^pagerduty-business-[0-9a-z]{11}$/);
    expect(nameOf('pager.duty', 'Business')).toMatch(/^pager-duty-business-[0-9a-z]{11}$/);
    expect(nameOf('x'.repeat(70), 'Business')).toMatch(/^x{51}-[0-9a-z]{11}$/);
  });

  it('S73: two new ones of the same name both get a hash, so that neither depends on the other', () => {
    const two = decide(listed(['L1', business], ['L2', business])).intents.create.map(({ name }) => name);
    expect(two.every((name) => /^pagerduty-business-full-user-[0-9a-z]{11}$/.test(name))).toBe(true);
    expect(new Set(two).size).toBe(2);
  });

  it('S73: a name that a model of another profile of the namespace has is not given again', () => {
    const found = [{ identifier: 'L1', edition: 'Business', roleGroup: 'FullUser' as const, subscriptions: 1 }];
    expect(decide({ found, takenNames: ['pagerduty-other'] }).intents.create[0]?.name).toBe('pagerduty-business');
    expect(decide({ found, takenNames: ['pagerduty-business'] }).intents.create[0]?.name).toMatch(/^pagerduty-business-[0-9a-z]{11}$/);
  });

  it('T6: several licences that take the place of a role group get models of their own; nobody is left unrecognised', () => {
    const models = [model('pagerduty-fulluser', { identifiers: ['FullUser'] })];
    const { intents, unrecognized } = decide({ ...listed(['L1', business], ['L2', { name: 'Digital', roleGroup: 'FullUser' }]), models });
    expect(intents.create.map(({ name }) => name)).toEqual(['pagerduty-business-full-user', 'pagerduty-digital']);
    expect(unrecognized).toEqual([]);
  });

  it('S73: a name is free even when somebody took the identifier away from the model that was made for it', () => {
    const first = nameOf('pagerduty', 'Business', [model('pagerduty-business')]) ?? '';
    const second = nameOf('pagerduty', 'Business', [model('pagerduty-business'), model(first)]) ?? '';
    expect(second).toMatch(dnsLabel);
    expect(['pagerduty-business', first]).not.toContain(second);
  });

  it('S73: are DNS labels for any profile and licence', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/), fc.string({ unit: 'binary', maxLength: 253 }), (profile, edition) => {
        expect(nameOf(profile, edition)).toMatch(dnsLabel);
      }),
      { seed: 11 },
    );
  });
});

describe('models of any account', () => {
  const ids = ['A', 'B', 'C', 'D', 'E', 'F', 'FullUser', 'Stakeholder', 'Unknown'];
  const edition = fc.option(fc.constantFrom('Business', 'Digital'), { nil: undefined });
  const licence = fc.record({ identifier: fc.constantFrom(...ids), edition, roleGroup: fc.constantFrom(...roleGroups), subscriptions: fc.nat(3) });
  const unique = <T>(selector: (one: T) => string, one: fc.Arbitrary<T>) => fc.uniqueArray(one, { selector, maxLength: 7 });
  const named = <T extends { edition: string | undefined }>({ edition: name, ...facts }: T) => ({ ...facts, ...(name === undefined ? {} : { edition: name }) });
  const input: fc.Arbitrary<ModelsInput> = fc
    .record({
      found: unique(({ identifier }) => identifier, licence),
      listed: unique(({ identifier }) => identifier, licence),
      listedAll: fc.boolean(),
      models: unique(({ name }) => name, fc.record({ name: fc.constantFrom('pagerduty-business', 'm1', 'm2', 'm3'), edition, roleGroup: fc.constantFrom(...roleGroups), identifiers: fc.subarray(ids, { minLength: 1, maxLength: 2 }) })),
    })
    .map(({ found, listed: licences, models, listedAll }) => ({
      profileName: 'pagerduty',
      listedAll,
      found: found.map(named),
      listed: licences.map(({ identifier, edition: name, roleGroup }) => ({ identifier, name: name ?? '', roleGroup })),
      models: models.map(named),
    }));
  const runs = { seed: 12, numRuns: 1000 };

  it('S73, L25: each identifier that no model claims is decided on exactly once', () => {
    fc.assert(
      fc.property(input, (account) => {
        const { intents, unrecognized } = decideModels(account);
        const decided = [...intents.create, ...intents.adopt, ...unrecognized].map(({ identifier }) => identifier);
        const claimed = new Set(account.models.flatMap(({ identifiers }) => identifiers));
        const unclaimed = new Set([...account.found, ...account.listed].map(({ identifier }) => identifier).filter((identifier) => !claimed.has(identifier)));
        expect(decided.toSorted()).toEqual([...unclaimed].toSorted());
        const names = [...account.models, ...intents.create].map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        expect(new Set(intents.adopt.map((one) => one.model)).size).toBe(intents.adopt.length);
      }),
      runs,
    );
  });

  it('S73: once carried out there is nothing left to do, and what waits for a person goes on waiting', () => {
    fc.assert(
      fc.property(input, (account) => {
        const first = decideModels(account);
        expect(decideModels({ ...account, models: carryOut(account.models, first.intents) })).toEqual({ intents: { create: [], adopt: [] }, unrecognized: first.unrecognized });
      }),
      runs,
    );
  });

  it('S73: the order of licences and models does not matter', () => {
    fc.assert(
      fc.property(input, (account) => {
        const other = { ...account, found: account.found.toReversed(), listed: account.listed.toReversed(), models: account.models.toReversed() };
        expect(decideModels(other)).toEqual(decideModels(account));
      }),
      runs,
    );
  });
});
