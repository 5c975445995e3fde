import { compact } from '../../api/compact.ts';
import type { SoftwareEntitlement, SoftwareEntitlementStatus } from '../../api/software-entitlement.ts';
import type { SoftwareModel } from '../../api/software-model.ts';
import { annualAmount, fitsStatus, formatMoney, toMinor } from '../../licensing/position/amounts.ts';
import { dayOf, startOfDay } from '../../licensing/position/calendar.ts';
import { nextChange, stateOf } from '../../licensing/position/contracts.ts';
import type { Contract } from '../../licensing/position/facts.ts';
import { toContract } from '../../licensing/position/read-objects.ts';
import { adviseRenewal, describeRenewal, termCost, type RenewalAdvice } from '../../licensing/position/renewal.ts';
import { isTrue, isUnknown, summariseConditions, type ConditionPart } from '../conditions.ts';

/** Types of conditions that this controller owns. */
export const entitlementConditionTypes = ['ModelFound', 'RenewalDue', 'Ready', 'Reconciling', 'Stalled'];

/** Everything that decisions about a SoftwareEntitlement are made from. */
export interface EntitlementInput {
  readonly entitlement: SoftwareEntitlement;
  /** The model of spec.modelRef, if it is there. */
  readonly model: SoftwareModel | undefined;
  /** All entitlements of that model, this one among them. */
  readonly siblings: readonly SoftwareEntitlement[];
}

export interface EntitlementPlan {
  readonly status: Omit<SoftwareEntitlementStatus, 'conditions'>;
  readonly parts: readonly ConditionPart[];
  readonly requeueAfterMs: number | undefined;
}

/** Whether the rights are held, what they cost, and whether the renewal is due (S80, C23, L35): a pure function of what was read and now. */
export function decideEntitlement({ entitlement, model, siblings }: EntitlementInput, now: number): EntitlementPlan {
  const contract = toContract(entitlement);
  const today = dayOf(now);
  const others = siblings.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(toContract);
  const state = stateOf(contract, today);
  const change = nextChange([contract], today);
  const renewal = describeRenewal(contract, model?.status?.monthlyPeaks ?? [], today);
  const advice = adviseRenewal(contract, others, renewal.suggestedRights);
  const parts = [modelPart(entitlement, model), renewalPart(contract, { isDue: renewal.isDue, state, ...advice })];
  return {
    status: {
      observedGeneration: entitlement.metadata.generation ?? 0,
      state,
      ...costsOf(contract),
      ...compact({ renewalNoticeDate: renewal.noticeDate, suggestedRights: advice.suggestedRights }),
    },
    parts: summariseConditions(parts, ['ModelFound'], readyTexts[state]),
    requeueAfterMs: change === undefined ? undefined : startOfDay(change) - now,
  };
}

const readyTexts = {
  Upcoming: { reason: 'Upcoming', message: 'The rights are held from spec.startDate on; they do not count yet.' },
  Active: { reason: 'Active', message: 'The rights are held and count.' },
  Expired: { reason: 'Expired', message: 'spec.endDate has passed: the rights do not count any more.' },
} as const;

function costsOf(contract: Contract): Pick<SoftwareEntitlementStatus, 'annualCost' | 'annualCostText' | 'termCost'> {
  const { currency } = contract.price;
  const money = (amount: bigint) => ({ amountMinor: toMinor(amount), currency });
  const annualCost = money(annualAmount(contract.price, contract.rights));
  const term = termCost(contract);
  return {
    annualCost,
    annualCostText: formatMoney(annualCost),
    // Of many years it may be more than can be shown; that of one year never is, the API server sees to it.
    ...(term === undefined || !fitsStatus(term) ? {} : { termCost: money(term) }),
  };
}

function modelPart({ spec }: SoftwareEntitlement, model: SoftwareModel | undefined): ConditionPart {
  const { name } = spec.modelRef;
  if (model !== undefined && model.metadata.deletionTimestamp === undefined) return isTrue('ModelFound', 'ModelFound', `The rights are for the SoftwareModel ${name}.`);
  return isUnknown(
    'ModelFound',
    'ModelNotFound',
    `There is no SoftwareModel ${name}: it comes with the first refresh that finds the licence. See kubectl get swmodel for the names; until then the rights count nowhere.`,
  );
}

interface RenewalFacts extends RenewalAdvice {
  readonly isDue: boolean;
  readonly state: keyof typeof readyTexts;
}

function renewalPart({ end, renewal }: Contract, { isDue, state, renewedBy, coveredRights }: RenewalFacts): ConditionPart {
  const type = 'RenewalDue';
  if (end === undefined) return { type, status: 'False', reason: 'NoEnd', message: 'The rights run on: spec.endDate is not set.' };
  if (state === 'Expired') return { type, status: 'False', reason: 'Expired', message: 'The term has ended; a renewal is a SoftwareEntitlement of its own.' };
  if (renewedBy !== undefined) return { type, status: 'False', reason: 'Renewed', message: `The SoftwareEntitlement ${renewedBy} goes on after ${end}; ${coveredRights} rights are held then.` };
  if (isDue) return { type, status: 'True', reason: 'RenewalDue', message: `The term ends on ${end}, and other entitlements of the model hold ${coveredRights} rights then: status.suggestedRights says how many are worth renewing.` };
  return { type, status: 'False', reason: 'NotDue', message: `The renewal is due ${renewal?.noticeDays ?? 90} days before ${end}.` };
}
