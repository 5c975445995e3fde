import { describe, expect, it, vi } from 'vitest';
import { pagerDutySubject } from '../../../test/support/pagerduty-contract-scene.ts';
import { undoCases } from '../../../test/support/undo-contract.ts';
import { isRaise } from './reclaim/roles.ts';

/*
 * The contract suite is only worth what it finds: each of these breaks the provider on purpose, and some case has to fail. What is broken
 * does what the real one does unless it is named.
 */
type Mutation = 'lowers a role' | 'raises what was made by hand' | 'overwrites roles in teams' | 'puts back into teams' | 'takes an id for a person' | 'keeps silent' | 'does what was never undone' | 'overwrites those who were invited';
const broken = vi.hoisted(() => new Set<Mutation>());

vi.mock(import('./reclaim/judge-undo.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return {
    ...real,
    judgeSeat(seats) {
      const { former, present } = seats;
      if (broken.has('lowers a role') && present.role !== former.role) return 'Raise';
      return broken.has('raises what was made by hand') && isRaise(present.role, former.role) ? 'Raise' : real.judgeSeat(seats);
    },
    judgeTeamRole(team) {
      const { former, present } = team;
      if (broken.has('overwrites roles in teams') && present !== undefined && present.role !== former) return 'Give';
      return broken.has('puts back into teams') && present === undefined ? 'Give' : real.judgeTeamRole(team);
    },
  };
});

vi.mock(import('../../api/address.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return { ...real, isOtherAddress: (one, other) => !broken.has('takes an id for a person') && real.isOtherAddress(one, other) };
});

vi.mock(import('./reclaim/report.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return {
    ...real,
    createReport() {
      const report = real.createReport();
      return broken.has('keeps silent') ? { ...report, kept: () => undefined } : report;
    },
  };
});

vi.mock(import('./reclaim/revive.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return {
    ...real,
    async revivePerson(formerId, content, tools) {
      const revived = await real.revivePerson(formerId, content, tools);
      return broken.has('does what was never undone') && revived.kind === 'NeverLeft' ? { ...revived, kind: 'Found' } : revived;
    },
  };
});

vi.mock(import('./reclaim/restore-ties.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return {
    ...real,
    restoreTeams: async (undoing, person) => real.restoreTeams(undoing, broken.has('overwrites those who were invited') ? { ...person, teams: [] } : person),
  };
});

async function failing(mutations: readonly Mutation[]): Promise<string[]> {
  for (const mutation of mutations) broken.add(mutation);
  const failed: string[] = [];
  try {
    for (const { name, run } of undoCases) await run(pagerDutySubject).catch(() => failed.push(name));
  } finally {
    broken.clear();
  }
  return failed;
}

const handMade = /keeps whatever was changed by hand since/;
const mutations: readonly (readonly [Mutation, RegExp])[] = [
  ['lowers a role', handMade],
  ['raises what was made by hand', handMade],
  ['overwrites roles in teams', handMade],
  ['puts back into teams', handMade],
  ['takes an id for a person', /nobody is given anything of another/],
  ['keeps silent', handMade],
  ['does what was never undone', /where a Remove changed nothing/],
  ['overwrites those who were invited', /whom others have invited again/],
];

describe('the contract of an undo, with a provider that is broken on purpose (guards 9, 10)', () => {
  it('finds nothing while nothing is broken', async () => expect(await failing([])).toEqual([]));

  it.each(mutations)('finds one that %s', async (mutation, found) => {
    expect((await failing([mutation])).filter((name) => found.test(name))).not.toEqual([]);
  });
});
