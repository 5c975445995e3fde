import { annotations, apiVersion, labels, product } from '../../api/group.ts';
import type { Justification, RemovalCandidate, RemovalCandidateSpec, RemovalCandidateStatus } from '../../api/removal-candidate.ts';
import { profileLabelValue } from '../subscription-name.ts';
import { candidateName } from './names.ts';

/** The part of a candidate’s status that the rule writes, at the beginning and whenever it is evaluated (L20). */
export type CandidateFindings = Pick<RemovalCandidateStatus, 'evidence' | 'potentialSavings' | 'savingsText' | 'planHash' | 'ownership'>;

/** Field manager of `CandidateFindings`: the controller of candidates never owns these fields. */
export const findingsManager = `${product}-evidence`;

/** A candidate that is to be made. */
export interface CandidateDraft {
  readonly namespace: string;
  readonly subject: RemovalCandidateSpec['subject'];
  readonly justification: Justification;
  readonly assignmentGroup: string;
  readonly origin: NonNullable<RemovalCandidateSpec['origin']>;
  /** From `nextOrdinal`. */
  readonly ordinal: number;
  readonly findings: CandidateFindings;
}

/**
 * The object to POST. It has no owner: it outlives profile and rule, closed (L28). Status cannot be given at the creation, so the
 * findings travel in an annotation until the first look at the candidate puts them into status.
 */
export function buildCandidate({ namespace, subject, justification, assignmentGroup, origin, ordinal, findings }: CandidateDraft): RemovalCandidate {
  return {
    apiVersion,
    kind: 'RemovalCandidate',
    metadata: {
      name: candidateName(subject.subscriptionRef.name, ordinal),
      namespace,
      labels: {
        [labels.profile]: profileLabelValue(subject.profileRef.name),
        [labels.rule]: ruleLabelValue(subject.ruleRef.name),
        [labels.managedBy]: product,
        [labels.partOf]: product,
      },
      annotations: { [annotations.evidence]: JSON.stringify(findings) },
    },
    spec: { subject, justification, assignmentGroup, origin },
  };
}

/** Value of the rule label, shortened as that of the profile is. */
export function ruleLabelValue(ruleName: string): string {
  return profileLabelValue(ruleName);
}

const findingFields = ['evidence', 'potentialSavings', 'savingsText', 'planHash', 'ownership'] as const satisfies readonly (keyof CandidateFindings)[];

/**
 * The findings that the annotation holds; undefined when there are none, or when somebody has broken them. Nothing else of it: whoever
 * may write an annotation could give the candidate a state or an answer otherwise, which only status may hold.
 */
export function readFindings({ metadata }: RemovalCandidate): CandidateFindings | undefined {
  const text = metadata.annotations?.[annotations.evidence];
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    const entries = new Map(Object.entries(parsed));
    return Object.fromEntries(findingFields.flatMap((field) => (entries.has(field) ? [[field, entries.get(field)]] : [])));
  } catch {
    return undefined;
  }
}
