import type { MonthlyPeak } from '../../api/license-position.ts';
import { addDays, daysBetween, monthOf } from './calendar.ts';
import { costBetween, noticeDateOf, rightsOwned } from './contracts.ts';
import type { Contract, Day } from './facts.ts';

/** Added to the peak for the suggested quantity where the contract does not say (C23). */
const defaultBufferPercent = 10;

/** What is to be known about the renewal of a contract (C23, L35); without an end there is none. */
export interface Renewal {
  /** First day on which it is due to be looked at. */
  readonly noticeDate?: Day;
  /** From the notice date until the last day of the contract, inclusive. */
  readonly isDue: boolean;
  /** Whole days until the last day, 0 on it; absent after it. */
  readonly daysToRenewal?: number;
  /** Peak, in the term so far, of the rights not known to be unused, and the buffer, rounded up; absent where no month of the term was seen. */
  readonly suggestedRights?: number;
}

/**
 * When the renewal of a contract is due, and of how many rights (C23).
 * @param peaks of the model of the contract. The month in which the contract starts counts whole.
 */
export function describeRenewal(contract: Contract, peaks: readonly MonthlyPeak[], day: Day): Renewal {
  const noticeDate = noticeDateOf(contract);
  if (contract.end === undefined || noticeDate === undefined) return { isDue: false };
  const suggested = suggestRights(contract, peaks, day);
  return {
    noticeDate,
    isDue: noticeDate <= day && day <= contract.end,
    ...(day > contract.end ? {} : { daysToRenewal: daysBetween(day, contract.end) }),
    ...(suggested === undefined ? {} : { suggestedRights: suggested }),
  };
}

/** Cost of the whole term in minor units; undefined for a contract that runs on. */
export function termCost(contract: Contract): bigint | undefined {
  return contract.end === undefined ? undefined : costBetween(contract, contract.start, contract.end);
}

function suggestRights({ start, end, renewal }: Contract, peaks: readonly MonthlyPeak[], day: Day): number | undefined {
  const last = end !== undefined && end < day ? end : day;
  const ofTerm = peaks.filter(({ month }) => month >= monthOf(start) && month <= monthOf(last));
  if (ofTerm.length === 0) return undefined;
  const peak = ofTerm.reduce((most, month) => Math.max(most, keptOf(month)), 0);
  return Math.ceil((peak * (100 + (renewal?.bufferPercent ?? defaultBufferPercent))) / 100);
}

/** What a renewal is to be of, beside the other contracts of its model. */
export interface RenewalAdvice {
  /** Rights to renew, beyond those that other contracts hold on the day after the end; absent where the peak is not known. */
  readonly suggestedRights?: number;
  /** Rights of other contracts on the day after the end. */
  readonly coveredRights: number;
  /** The contract that goes on, when all rights worth having on that day are held. */
  readonly renewedBy?: string;
}

/**
 * How many rights are still to be bought when a contract ends (C23). One that goes on with too few rights does not make the
 * renewal any less due.
 * @param suggested rights worth having of the model, as `describeRenewal` tells.
 */
export function adviseRenewal(contract: Contract, contracts: readonly Contract[], suggested: number | undefined): RenewalAdvice {
  const others = contracts.filter(({ name, model }) => name !== contract.name && model === contract.model);
  const coveredRights = contract.end === undefined ? 0 : rightsOwned(others, addDays(contract.end, 1));
  const successor = findSuccessor(contract, others);
  const isCovered = coveredRights >= (suggested ?? contract.rights);
  return {
    coveredRights,
    ...(suggested === undefined ? {} : { suggestedRights: Math.max(0, suggested - coveredRights) }),
    ...(successor === undefined || !isCovered ? {} : { renewedBy: successor.name }),
  };
}

/** The contract of the same model that goes on without a gap: it begins later than this one, at the latest on the day after its end, and lasts longer. */
function findSuccessor({ name, model, start, end }: Contract, contracts: readonly Contract[]): Contract | undefined {
  if (end === undefined) return undefined;
  const takesOver = contracts.filter(
    (other) => other.name !== name && other.model === model && other.start > start && other.start <= addDays(end, 1) && (other.end === undefined || other.end > end),
  );
  return takesOver.toSorted((a, b) => (a.name < b.name ? -1 : 1))[0];
}

/** Rights of the month that are worth renewing: whoever could not be judged is among them (guard 6). */
export function keptOf({ kept, active }: MonthlyPeak): number {
  return kept ?? active;
}
