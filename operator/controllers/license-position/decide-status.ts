import { compact } from '../../api/compact.ts';
import type { Failure } from '../../api/errors.ts';
import { maxGroups } from '../../api/license-position.ts';
import type { SoftwareModel, SoftwareModelStatus } from '../../api/software-model.ts';
import type { ModelPosition } from '../../licensing/position/facts.ts';
import { cutGroups } from '../../licensing/position/groups.ts';
import { isFalse, isTrue, isUnknown, listForMessage, summariseConditions, type ConditionPart } from '../conditions.ts';
import { requestedAt } from '../connection-alias/decide-connect.ts';

/** Types of conditions that this controller owns. */
export const modelConditionTypes = ['ProfileFound', 'Calculated', 'IdentifiersUnique', 'LicenceFound', 'Compliant', 'PriceKnown', 'ActivityKnown', 'Ready', 'Reconciling', 'Stalled'];

/** What else a model's conditions are made from. */
export interface ModelContext {
  /** Identifiers of this model that another one, first by name, claims too, and which. */
  readonly claimedBy: ReadonlyMap<string, string>;
  /** Whether the vendor lists one of its identifiers, or a subscription has it. */
  readonly isFound: boolean;
  /** Subscriptions of its role group have identifiers that no model claims, and it has none: they may be its own under other names. */
  readonly mayBeMissing: boolean;
  /** What the figures are made from. */
  readonly inputs: string;
}

export interface ModelPlan {
  readonly status: Omit<SoftwareModelStatus, 'conditions'>;
  readonly parts: readonly ConditionPart[];
}

/** Status of a model from its position (S83, S84): a pure function of both. */
export function decideModelStatus(model: SoftwareModel, report: ModelPosition, context: ModelContext): ModelPlan {
  const { position, groups, monthlyPeaks } = report;
  const parts = [
    isTrue('ProfileFound', 'ProfileFound', 'The IntegrationProfile of spec.profileRef counts its subscriptions.'),
    isTrue('Calculated', 'Calculated', 'The figures are those of the last reconciliation.'),
    uniquePart(context),
    foundPart(model, context),
    context.mayBeMissing ? missingPart : compliantPart(report),
    pricePart(report),
    activityPart(report),
  ];
  return {
    status: {
      observedGeneration: model.metadata.generation ?? 0,
      ...compact({ lastHandledRequestedAt: requestedAt(model) }),
      position: {
        ...position,
        inputs: context.inputs,
        groups: {
          teams: cutGroups(groups.teams, maxGroups),
          costCenters: cutGroups(groups.costCenters, maxGroups),
          roles: cutGroups(groups.roles, maxGroups),
        },
      },
      monthlyPeaks,
    },
    parts: summariseConditions(parts, ['ProfileFound', 'Calculated', 'IdentifiersUnique'], { reason: 'Reconciled', message: summaryOf(report) }),
  };
}

/** A model whose profile is not there: nothing counts for it. */
export function describeOrphan(model: SoftwareModel): ModelPlan {
  return keepFigures(model, isUnknown('ProfileFound', 'ProfileNotFound', `There is no IntegrationProfile ${model.spec.profileRef.name}: nothing is counted.`));
}

/** A model of a profile that has downloaded nobody yet, or only a part. */
export function describeWaiting(model: SoftwareModel, why: 'NeverRefreshed' | 'HalfRefreshed'): ModelPlan {
  if (why === 'NeverRefreshed') return keepFigures(model, isUnknown('Calculated', 'NotRefreshedYet', 'The profile has not been refreshed yet: there is nobody to count.'));
  const message = 'The last subscriptions refresh ended half-way: what is stored is of two times, and is not counted. The next that succeeds puts it right.';
  return keepFigures(model, isUnknown('Calculated', 'RefreshIncomplete', message));
}

/** A model whose figures cannot be calculated until a person mends something: it keeps the former ones, and says so. */
export function describeFailed(model: SoftwareModel, failure: Failure): ModelPlan {
  return keepFigures(model, isFalse('Calculated', failure));
}

function keepFigures(model: SoftwareModel, part: ConditionPart): ModelPlan {
  const { position, monthlyPeaks, lastHandledRequestedAt } = model.status ?? {};
  return {
    status: { observedGeneration: model.metadata.generation ?? 0, ...compact({ position, monthlyPeaks, lastHandledRequestedAt }) },
    parts: summariseConditions([part], [part.type], { reason: part.reason, message: part.message }),
  };
}

/** Figures change all the time; the sentence says them, and is written only with them. */
function summaryOf({ position }: ModelPosition): string {
  const { used, unused, owned, compliance, display } = position;
  const money = display?.potentialSavings === undefined || unused === 0 ? '' : `, worth ${display.potentialSavings} a year`;
  const rights = compliance === 'NoEntitlement' ? `${used} rights used, no entitlement in force` : `${used} of ${owned} rights used`;
  return `${rights}; ${unused} of them unused${money}.`;
}

function uniquePart({ claimedBy }: ModelContext): ConditionPart {
  const type = 'IdentifiersUnique';
  if (claimedBy.size === 0) return isTrue(type, 'IdentifiersUnique', 'No other SoftwareModel claims its identifiers.');
  const [owner] = claimedBy.values();
  return isFalse(type, {
    kind: 'Terminal',
    reason: 'IdentifierClaimed',
    message: `${listForMessage([...claimedBy.keys()])}: the SoftwareModel ${owner} claims it too and is the one that counts. Take it out of one of them.`,
  });
}

function foundPart(model: SoftwareModel, { isFound }: ModelContext): ConditionPart {
  const type = 'LicenceFound';
  if (isFound) return isTrue(type, 'LicenceFound', 'The last refresh found the licence.');
  const identifiers = listForMessage(model.spec.subscriptionIdentifiers);
  return {
    type,
    status: 'False',
    reason: 'LicenceNotFound',
    message: `The last refresh found no licence or subscription with ${identifiers}: the plan may have changed. Delete the model if it is no longer of use; it is not made again.`,
  };
}

const missingPart = isUnknown(
  'Compliant',
  'UnrecognizedIdentifiers',
  'Nobody has this licence, while subscriptions of its role group have identifiers that no model claims: they may be its own under other names. See status.position.unrecognizedIdentifiers of the profile.',
);

function compliantPart({ position }: ModelPosition): ConditionPart {
  const type = 'Compliant';
  const { compliance, needed, used, owned, available } = position;
  if (compliance === 'NoEntitlement') {
    return { type, status: 'Unknown', reason: 'NoEntitlement', message: 'No SoftwareEntitlement of this model is in force: there is nothing to compare with.' };
  }
  if (compliance === 'NonCompliant') {
    const message = `${used} rights are used and ${owned} owned: ${needed} more are needed. status.position.remediationOptions says what can be done.`;
    return { type, status: 'False', reason: 'NonCompliant', message };
  }
  // More than enough is compliant too (L31).
  if (available > 0) return isTrue(type, 'OverLicensed', `${used} of ${owned} rights are used; ${available} are available.`);
  return isTrue(type, 'Compliant', `All ${owned} rights are used.`);
}

function pricePart({ priceProblem }: ModelPosition): ConditionPart {
  const type = 'PriceKnown';
  if (priceProblem === undefined) return isTrue(type, 'PriceKnown', 'Money is calculated from the entitlements in force, else from spec.unitPrice.');
  if (priceProblem === 'NoPrice') {
    return { type, status: 'False', reason: 'NoPrice', message: 'No entitlement in force and no spec.unitPrice gives a price: there are no figures of money.' };
  }
  return {
    type,
    status: 'False',
    reason: 'MixedCurrencies',
    message: 'Entitlements in force are in different currencies, and money is never converted: there is no average price, and so no savings and no true-up cost.',
  };
}

/** Whom no complete evidence sees is not judged (guard 6); that the figures of use are then lower bounds has to be seen. */
function activityPart({ position }: ModelPosition): ConditionPart {
  const type = 'ActivityKnown';
  const { unknown, used } = position;
  if (unknown === 0) return isTrue(type, 'ActivityKnown', 'Complete evidence tells of every right whether it is used.');
  const why = 'no enabled signal sees them, or the evidence does not reach back over the threshold yet.';
  if (unknown === used) return { type, status: 'False', reason: 'NoEvidence', message: `Nobody can be judged: ${why}` };
  return { type, status: 'False', reason: 'PartialEvidence', message: `Some cannot be judged (status.position.unknown): ${why}` };
}
