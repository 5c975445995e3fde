import { describe, expect, it } from 'vitest';
import { aWorkbench, aWorkbenchCandidate, aWorkbenchContract, aWorkbenchModel, aWorkbenchProfile, type ModelWords, type WorkbenchWords } from '../../../test/support/workbench-fixtures.ts';
import type { WorkbenchContract, WorkbenchModel } from '../../licensing/position/workbench.ts';
import { notesOf } from './notes.ts';

/** A fresh profile with these models, and nothing to complain of but what they bring along. */
const acme = (models: readonly WorkbenchModel[], over: Partial<WorkbenchWords> = {}) =>
  aWorkbench({ profiles: [aWorkbenchProfile({ name: 'acme', refreshedAt: '2026-11-24T05:30:00Z', models })], ...over });
const fresh = 'Profile acme: subscriptions were last refreshed at 2026-11-24T05:30:00Z; activity is complete until 2026-11-24T05:00:00Z.';
const one = (words: Partial<ModelWords> = {}) => aWorkbenchModel({ name: 'one', owned: 5, active: 3, ...words });
const withEvidence = (model: WorkbenchModel, activityAsOf: string | undefined): WorkbenchModel => {
  const { activityAsOf: _before, ...position } = model.position;
  return { ...model, position: activityAsOf === undefined ? position : { ...position, activityAsOf } };
};
const ended = (end: string, over: Partial<WorkbenchContract> = {}) => aWorkbenchContract({ name: 'one-2025', model: 'one', rights: 5, start: '2025-11-01', end, state: 'Expired', ...over });

describe('the notes of the workbench', () => {
  it('say of a namespace in order only how fresh it is', () => {
    expect(notesOf(acme([one()], { contracts: [aWorkbenchContract({ model: 'one' })] }))).toEqual([fresh]);
    expect(notesOf(aWorkbench({ profiles: [] }))).toEqual([]);
  });

  it('guard 6: tell first of all that figures may be of two halves, and that nobody could see it', () => {
    const as = (name: string, storedAs: 'Refreshing' | 'HalfWritten' | 'NotSeen') => ({ ...aWorkbenchProfile({ name, models: [] }), storedAs });
    const unseen = ['c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name) => as(name, 'NotSeen'));
    const notes = notesOf(aWorkbench({ profiles: [as('a', 'Refreshing'), as('b', 'HalfWritten'), ...unseen], contracts: [aWorkbenchContract({ name: 'lost', model: 'gone' })] }));
    expect(notes.slice(0, 2)).toEqual([
      'Profile a: A refresh of the subscriptions is running: what is stored is of two times until it ends. The operator counts nothing until then; figures of it may be wrong.',
      'Profile b: The last refresh of the subscriptions broke off while it wrote: what is stored is of two times until one succeeds. The operator counts nothing until then; figures of it may be wrong.',
    ]);
    expect(notes[2]).toContain('Contract lost');
    expect(notes.filter((note) => note.includes('could not be seen'))).toEqual([expect.stringContaining('subscriptions of c, d, e, f, g and 2 more was running')]);
  });

  it('guard 6: tell the oldest evidence of a profile, and how many models have none', () => {
    const models = [withEvidence(one(), '2026-11-23T05:00:00Z'), withEvidence(one({ name: 'two', identifiers: ['B'] }), '2026-11-20T05:00:00Z'), withEvidence(one({ name: 'three', identifiers: ['C'] }), undefined)];
    expect(notesOf(acme(models))).toEqual([
      'Profile acme: subscriptions were last refreshed at 2026-11-24T05:30:00Z; activity is complete until 2026-11-20T05:00:00Z, and no activity evidence counts for 1 model.',
    ]);
  });

  it('guard 6: tell a profile without a refresh, without evidence or without models', () => {
    const profiles = [aWorkbenchProfile({ name: 'blind', models: [withEvidence(one(), undefined)] }), aWorkbenchProfile({ name: 'draft', models: [] })];
    expect(notesOf(aWorkbench({ profiles }))).toEqual([
      'Profile blind: subscriptions were never refreshed: look at its conditions; no activity evidence counts, so nobody can be called stale or never used: look at its activity signals.',
      'Profile draft: subscriptions were never refreshed: look at its conditions; it has no models yet.',
    ]);
  });

  it('D9: tell a model without one price, and how many rights the sums leave out', () => {
    expect(notesOf(acme([one({ owned: 2, stale: 1, yearlyPrice: 0 })]))).toEqual([
      'The true-up cost leaves out 2 rights needed, as their price is not known: expect to pay more.',
      'The savings leave out 1 unused right, as its price is not known: more could be saved.',
      'Model one has no price: its savings and true-up are in no sum. Set spec.unitPrice, or the price of an entitlement in force.',
      fresh,
    ]);
    expect(notesOf(acme([one({ yearlyPrice: 0 })]))).toEqual([fresh]);
    expect(notesOf(acme([{ ...one(), priceProblem: 'MixedCurrencies' }]))).toEqual([
      'Entitlements of model one have different currencies: its savings and true-up are in no sum. State them in one currency.',
      fresh,
    ]);
  });

  it('guard 6: tell how many rights of a model cannot be judged', () => {
    expect(notesOf(acme([one({ unknown: 1 }), one({ name: 'two', identifiers: ['B'], unknown: 1200, owned: 2000 })])).slice(0, 2)).toEqual([
      'Of model one, 1 right cannot be judged: it counts neither as active nor as unused. Until activity was watched for 60 days, wait; after that, look at the activity signals of the profile.',
      'Of model two, 1,200 rights cannot be judged: they count neither as active nor as unused. Until activity was watched for 60 days, wait; after that, look at the activity signals of the profile.',
    ]);
  });

  it('S73: tell models of a profile that claim the same identifier, and which of them it counts for', () => {
    const models = [one({ name: 'zeta', identifiers: ['A', 'B'] }), one({ name: 'alpha', identifiers: ['B'] }), one({ name: 'beta', identifiers: ['C', 'C'] })];
    expect(notesOf(acme(models))).toEqual(['Models alpha, zeta all claim identifier B: it counts for alpha, and zeta shows too little. Leave it in one of them.', fresh]);
    const apart = [aWorkbenchProfile({ name: 'acme', models: [one()] }), aWorkbenchProfile({ name: 'other', models: [one({ name: 'two' })] })];
    expect(notesOf(aWorkbench({ profiles: apart })).join('\n')).not.toContain('claim');
  });

  it('S80: tell a contract whose model is not there, unless it has ended anyway', () => {
    const contracts = [aWorkbenchContract({ model: 'one' }), aWorkbenchContract({ name: 'typo', model: 'oen', rights: 1 }), ended('2026-10-31', { name: 'old', model: 'gone' })];
    expect(notesOf(acme([one()], { contracts }))).toEqual([
      'Contract typo is for model oen, which is not there: its 1 right counts nowhere. Correct its spec.modelRef, or create the SoftwareModel.',
      fresh,
    ]);
  });

  it('C23: tell a contract that has ended in the last 90 days while its model is used and no other goes on', () => {
    const told = 'Contract one-2025 ended on 2026-08-26 and no other of model one goes on: its 5 rights count no more, and 3 rights are used. Enter the renewal as a SoftwareEntitlement, or take the subscriptions back.';
    const unowned = aWorkbenchModel({ name: 'one', active: 3 });
    expect(notesOf(acme([unowned], { contracts: [ended('2026-08-26')] }))).toEqual([told, fresh]);
    expect(notesOf(acme([unowned], { contracts: [ended('2026-08-25')] }))).toEqual([fresh]);
    expect(notesOf(acme([aWorkbenchModel({ name: 'one' })], { contracts: [ended('2026-08-26')] }))).toEqual([fresh]);
    for (const state of ['Active', 'Upcoming'] as const) {
      expect(notesOf(acme([unowned], { contracts: [ended('2026-08-26'), aWorkbenchContract({ name: 'next', model: 'one', state })] }))).toEqual([fresh]);
    }
    const ofAnother = aWorkbenchContract({ name: 'next', model: 'two' });
    const two = one({ name: 'two', identifiers: ['B'] });
    expect(notesOf(acme([unowned, two], { contracts: [ended('2026-08-26'), ofAnother] }))).toEqual([told, fresh]);
  });

  it('L25: tell subscriptions that no model claims', () => {
    const unrecognized = [{ identifier: 'PNEW001', roleGroup: 'Unknown', subscriptions: 4, reason: 'UnknownRole' }];
    expect(notesOf(aWorkbench({ profiles: [aWorkbenchProfile({ name: 'acme', models: [one()], unrecognized })] }))[0]).toBe(
      'Profile acme has 4 subscriptions (1 identifier) that no model claims, in none of the figures. Add each identifier to a SoftwareModel, or create one for it.',
    );
  });

  it('are thirty at most, and then say how many more', () => {
    const models = (count: number) => Array.from({ length: count }, (_, index) => one({ name: `model-${String(index)}`, identifiers: [`P${String(index)}`], unknown: 1 }));
    expect(notesOf(acme(models(29)))).toHaveLength(30);
    expect(notesOf(acme(models(29))).at(-1)).toBe(fresh);
    const more = notesOf(acme(models(40)));
    expect(more).toHaveLength(31);
    expect(more.at(-1)).toBe('and 11 more');
  });

  it('guard 7: name no person, and cut what the vendor names without end', () => {
    const long = 'P'.repeat(200);
    const candidates = [aWorkbenchCandidate({ name: 'of-dana', person: 'Dana Scully' })];
    const notes = notesOf(acme([one({ identifiers: [long] }), one({ name: 'two', identifiers: [long] })], { candidates })).join('\n');
    expect(notes).toContain(`${'P'.repeat(47)}…`);
    expect(notes).not.toMatch(/Dana|P{48}/);
  });
});
