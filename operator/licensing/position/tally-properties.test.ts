import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyInput, anySeats, positionNow, reportOn } from '../../../test/support/position-company.ts';
import { licensePosition, maxGroups, profilePosition, type MoneyFigures, type PositionCounts, type PositionGroup } from '../../api/license-position.ts';
import { annualCosts, averagePrice, inForce, type AveragePrice } from './contracts.ts';
import { createExclusionMatcher } from './exclusions.ts';
import type { ModelPosition, PositionInput, Seat } from './facts.ts';
import { cutGroups, sumGroups } from './groups.ts';

const today = '2026-11-24';
const runs = { seed: 5, numRuns: 300 };
const company = [anyInput, anySeats] as const;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The model that an identifier counts in, worked out anew: LOTHER belongs to the first by name. */
function modelOf(identifier: string): string | undefined {
  return { LFULL: 'full', 'LFULL-old': 'full', LOTHER: 'full', LSTAKE: 'stake' }[identifier];
}

function isKeptOut(seat: Seat, input: PositionInput): boolean {
  return createExclusionMatcher(input.exclusions, input.profile.type)(seat).length > 0;
}

function positionsBy(input: PositionInput, seats: readonly Seat[]): ModelPosition['position'][] {
  return reportOn(input, seats).models.map(({ position }) => position);
}

function costsByCurrency(groups: readonly PositionGroup[]): Record<string, bigint> {
  const costs: Record<string, bigint> = {};
  for (const { currency, annualCost } of groups.flatMap((group) => group.costs ?? [])) costs[currency] = (costs[currency] ?? 0n) + BigInt(annualCost);
  return costs;
}

describe('the position of any company', () => {
  it('S84, L29, L30, C17: its counts add up, and used is the number of unique persons who are not kept out', () => {
    fc.assert(
      fc.property(...company, (input, seats) => {
        for (const { model, position } of reportOn(input, seats).models) {
          const own = seats.filter((seat) => modelOf(seat.identifier) === model);
          const counted = own.filter((seat) => !isKeptOut(seat, input));
          expect(position.assigned).toBe(own.length);
          expect(position.excluded).toBe(own.length - counted.length);
          expect(position.used).toBe(new Set(counted.map(({ person }) => person)).size);
          expectToAddUp(position);
          expect(sum(Object.values(position.ages))).toBe(position.used);
        }
      }),
      runs,
    );
  });

  it('L25, L34: a profile is the sum of its models, and every subscription is in a model, not recognised, or kept out', () => {
    fc.assert(
      fc.property(...company, (input, seats) => {
        const { models, position, matched } = reportOn(input, seats);
        for (const name of ['owned', 'assigned', 'used', 'unused', 'available', 'needed', 'excluded'] as const) {
          expect(position[name]).toBe(sum(models.map((model) => model.position[name])));
        }
        expectToAddUp(position);
        const keptOut = seats.filter((seat) => modelOf(seat.identifier) === undefined && isKeptOut(seat, input));
        expect(position.assigned + position.unrecognized + keptOut.length).toBe(seats.length);
        expect([...matched.keys()].toSorted()).toEqual(input.exclusions.map(({ name }) => name).toSorted());
      }),
      runs,
    );
  });

  it('C22, L34: each breakdown adds up to its model, to the cent in every currency, also when it is cut', () => {
    fc.assert(
      fc.property(...company, (input, seats) => {
        for (const { model, position, groups } of reportOn(input, seats).models) {
          const contracts = input.contracts.filter((contract) => contract.model === model && contract.rights > 0);
          for (const lines of [groups.teams, groups.roles, groups.costCenters].map((all) => all ?? [])) {
            for (const shown of [lines, cutGroups(lines, 2)]) {
              expect(sum(shown.map(({ used }) => used))).toBe(position.used);
              expect(sum(shown.map(({ unused }) => unused))).toBe(position.unused);
              expect(costsByCurrency(shown)).toEqual(Object.fromEntries(annualCosts(contracts, today)));
              expect(shown.every(({ used, unused }) => unused <= used)).toBe(true);
            }
            expect(cutGroups(lines, 2).length).toBeLessThanOrEqual(2);
          }
          const centers = groups.costCenters ?? [];
          expect(sum(centers.map(({ owned }) => owned ?? 0))).toBe(position.owned);
          expect(centers.every(({ name, owned = 0, used }) => name === '(none)' || used <= owned)).toBe(true);
        }
      }),
      runs,
    );
  });

  it('L34: breakdowns of several models add up to all of them', () => {
    fc.assert(
      fc.property(...company, (input, seats) => {
        const { models, position } = reportOn(input, seats);
        const all = sumGroups(models.map(({ groups }) => groups));
        for (const name of ['teams', 'roles', 'costCenters'] as const) {
          const lines = all[name] ?? [];
          expect(sum(lines.map(({ used }) => used))).toBe(position.used);
          expect(costsByCurrency(lines)).toEqual(costsByCurrency(models.flatMap(({ groups }) => groups[name] ?? [])));
          expect(new Set(lines.map((line) => line.name)).size).toBe(lines.length);
        }
      }),
      runs,
    );
  });

  it('S83: is the same in whatever order its subscriptions, models and exclusions come', () => {
    const shuffled = company[0].chain((input) =>
      anySeats.chain((seats) =>
        fc.tuple(fc.constant({ input, seats }), fc.shuffledSubarray(seats, { minLength: seats.length }), fc.shuffledSubarray([...input.exclusions], { minLength: input.exclusions.length })),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([{ input, seats }, otherSeats, exclusions]) => {
        const other = { ...input, models: input.models.toReversed(), listed: input.listed.toReversed(), exclusions };
        expect(reportOn(other, otherSeats)).toEqual(reportOn(input, seats));
      }),
      runs,
    );
  });

  it('D6: a higher threshold never makes more rights unused, nor fewer active', () => {
    fc.assert(
      fc.property(...company, fc.integer({ min: 1, max: 60 }), (input, seats, more) => {
        const longer = { ...input, models: input.models.map((model) => ({ ...model, thresholdDays: model.thresholdDays + more })) };
        const after = positionsBy(longer, seats);
        for (const [index, before] of positionsBy(input, seats).entries()) {
          expect(after[index]?.unused).toBeLessThanOrEqual(before.unused);
          expect(after[index]?.active).toBeGreaterThanOrEqual(before.active);
          expect(after[index]?.used).toBe(before.used);
        }
      }),
      runs,
    );
  });

  it('L26: keeping somebody out never raises what is used, and changes nothing that is assigned', () => {
    fc.assert(
      fc.property(...company, fc.integer({ min: 0, max: 11 }), (input, seats, index) => {
        const excluding = { ...input, exclusions: [...input.exclusions, { name: 'one-more', person: `P${index}@Example.com` }] };
        const after = positionsBy(excluding, seats);
        for (const [model, before] of positionsBy(input, seats).entries()) {
          expect(after[model]?.used).toBeLessThanOrEqual(before.used);
          expect(after[model]?.assigned).toBe(before.assigned);
        }
      }),
      runs,
    );
  });

  it('T3: evidence that is missing or shorter than the threshold calls nobody stale or never used', () => {
    fc.assert(
      fc.property(...company, fc.boolean(), (input, seats, isMissing) => {
        const thresholdMs = (input.models[0]?.thresholdDays ?? 0) * 86_400_000;
        const short = { from: positionNow - thresholdMs + 1, to: positionNow };
        const watches = new Map(isMissing ? [] : (['FullUser', 'Stakeholder'] as const).map((group) => [group, short] as const));
        for (const position of positionsBy({ ...input, watches }, seats)) expect([position.stale, position.neverUsed]).toEqual([0, 0]);
      }),
      runs,
    );
  });

  it('D9, L30: money is the exact average rounded once, and what was freed is realised, at renewal or forgone', () => {
    fc.assert(
      fc.property(...company, (input, seats) => {
        for (const { model, position } of reportOn(input, seats).models) {
          const facts = input.models.find(({ name }) => name === model);
          const price = averagePrice(input.contracts.filter((contract) => contract.model === model), facts?.unitPrice, today);
          for (const money of position.money ?? []) {
            const { realisedSavings = 0, atRenewalSavings = 0, forgoneSavings = 0 } = money;
            expect(money.freedSavings).toBe(realisedSavings + atRenewalSavings + forgoneSavings);
            if (price.kind === 'Price' && price.currency === money.currency) expectToBeRounded(position, money, price);
            else expect(money).not.toHaveProperty('potentialSavings');
          }
        }
      }),
      runs,
    );
  });

  it('S84: fits into the status of its model and of its profile', () => {
    fc.assert(
      fc.property(...company, (input, seats) => {
        const { models, position } = reportOn(input, seats);
        for (const { position: own, groups } of models) {
          const shown = { teams: cutGroups(groups.teams ?? [], maxGroups), roles: cutGroups(groups.roles ?? [], maxGroups), costCenters: cutGroups(groups.costCenters ?? [], maxGroups) };
          licensePosition.strict().parse({ ...own, inputs: 'x', groups: shown });
          // Whatever is not owned is needed, and options are told for it (S85).
          expect((own.remediationOptions ?? []).some(({ action }) => action === 'PurchaseRights')).toBe(own.needed > 0);
        }
        profilePosition.strict().parse({ ...position, inputs: 'x' });
      }),
      runs,
    );
  });

  it('L31: a model is compliant exactly when a contract is in force and covers what is used', () => {
    fc.assert(
      fc.property(...company, (input, seats) => {
        for (const { model, position } of reportOn(input, seats).models) {
          const hasContract = inForce(input.contracts, today).some((contract) => contract.model === model);
          expect(position.compliance).toBe(hasContract ? (position.owned >= position.used ? 'Compliant' : 'NonCompliant') : 'NoEntitlement');
        }
      }),
      runs,
    );
  });
});

/** Each figure is the integer nearest to the exact average of its rights, halves up. */
function expectToBeRounded(position: PositionCounts, money: MoneyFigures, price: AveragePrice): void {
  const figures = [[money.potentialSavings, position.unused], [money.trueUpCost, position.needed], [money.overLicensedCost, position.available]] as const;
  for (const [figure, quantity] of figures) {
    const twiceOff = 2n * (BigInt(figure ?? -1) * price.rights - BigInt(quantity) * price.annual);
    expect(twiceOff > -price.rights && twiceOff <= price.rights).toBe(true);
  }
}

function expectToAddUp(position: PositionCounts): void {
  const { used, active, stale, neverUsed, pending, recent, unknown } = position;
  expect(active + stale + neverUsed + pending + recent + unknown).toBe(used);
  expect(used + position.excluded + position.duplicates).toBe(position.assigned);
  expect(stale + neverUsed + pending).toBe(position.unused);
  expect(position.owned + position.needed).toBe(used + position.available);
}
