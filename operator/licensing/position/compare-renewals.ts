import { compact } from '../../api/compact.ts';
import { dayOf } from './calendar.ts';
import type { NamespaceFacts } from './build-workbench.ts';
import { fitsStatus, toMinor } from './amounts.ts';
import type { Contract, Day, UnitPrice } from './facts.ts';
import { describeRenewal, termCost } from './renewal.ts';
import { nextTermName, type WishedRenewal } from './scenario.ts';

/** A term of an entitlement and what it costs. */
export interface Term {
  readonly rights: number;
  readonly price: UnitPrice;
  readonly start: Day;
  /** Last day; absent where it runs on, and then there is no cost of the term. */
  readonly end?: Day;
  readonly costMinor?: number;
}

/** An entitlement whose renewal is planned (C23). */
export interface RenewalComparison {
  readonly entitlement: string;
  readonly model: string;
  /** The present term, as it is; absent for an entitlement that is only planned. */
  readonly now?: Term;
  /** The present term, as planned. */
  readonly planned: Term;
  /** Cost of the present term, planned − now; absent where one of them has none. */
  readonly difference?: number;
  /** The year after the present term; absent when it is renewed with no rights. */
  readonly next?: Term;
  /** Peak of active subscriptions and the buffer, as of now. */
  readonly suggestedRights?: number;
}

/** The terms of each entitlement whose renewal was wished, before and after. */
export function compareRenewals(before: NamespaceFacts, after: NamespaceFacts, renewals: readonly WishedRenewal[]): RenewalComparison[] {
  return renewals.flatMap(({ entitlement }) => {
    const find = ({ contracts }: NamespaceFacts, name: string) => contracts.find((contract) => contract.name === name);
    const planned = find(after, entitlement);
    return planned === undefined ? [] : [compareTerms(planned, { before, was: find(before, entitlement), next: find(after, nextTermName(entitlement)) })];
  });
}

function compareTerms(contract: Contract, { before, was, next }: { readonly before: NamespaceFacts; readonly was: Contract | undefined; readonly next: Contract | undefined }): RenewalComparison {
  const models = before.profiles.flatMap(({ input }) => input.models);
  const peaks = models.find(({ name }) => name === contract.model)?.monthlyPeaks ?? [];
  const { suggestedRights } = describeRenewal(was ?? contract, peaks, dayOf(before.now));
  const [now, planned] = [was && toTerm(was), toTerm(contract)];
  return { entitlement: contract.name, model: contract.model, planned, ...compact({ now, difference: costDifference(now, planned), next: next && toTerm(next), suggestedRights }) };
}

function costDifference(now: Term | undefined, planned: Term): number | undefined {
  return now?.costMinor === undefined || planned.costMinor === undefined ? undefined : planned.costMinor - now.costMinor;
}

function toTerm(contract: Contract): Term {
  const { rights, price, start, end } = contract;
  const cost = termCost(contract);
  return { rights, price, start, ...(end === undefined ? {} : { end }), ...(cost === undefined || !fitsStatus(cost) ? {} : { costMinor: toMinor(cost) }) };
}
