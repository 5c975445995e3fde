import { compact } from '../../api/compact.ts';
import { OperatorError } from '../../api/errors.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { findingsManager, readFindings, type CandidateFindings } from '../../licensing/candidate/draft.ts';
import type { Pass } from './settle.ts';

/**
 * Puts the findings that a new candidate brings along into its status, with the field manager of the rule. The annotation stays: the operator
 * has no right to change a candidate but its status, so that no defect of it could ever write a decision. Findings that the API server refuses
 * were not the operator’s.
 */
export async function adoptFindings(candidate: RemovalCandidate, pass: Pass): Promise<RemovalCandidate> {
  if (candidate.status?.evidence !== undefined) return candidate;
  const findings = readFindings(candidate);
  return findings?.evidence === undefined ? candidate : writeFindings(candidate, findings, pass);
}

async function writeFindings(candidate: RemovalCandidate, status: CandidateFindings, { dependencies: { client, logger }, signal }: Pass): Promise<RemovalCandidate> {
  const { apiVersion, kind } = removalCandidateResource;
  const { resourceVersion } = candidate.metadata;
  const intent = { apiVersion, kind, metadata: { ...keyOf(candidate), ...compact({ resourceVersion }) }, status };
  try {
    return await client.apply<RemovalCandidate>(removalCandidateResource, intent, { fieldManager: findingsManager, force: true, subresource: 'status', signal });
  } catch (error) {
    if (!(error instanceof OperatorError) || error.failure.kind !== 'Terminal' || error.failure.reason !== 'Invalid') throw error;
    logger.warn({ err: error, ...keyOf(candidate) }, 'the findings of a candidate are not what the operator writes');
    return candidate;
  }
}

function keyOf({ metadata: { name, namespace } }: RemovalCandidate): { name: string; namespace?: string } {
  return { name, ...compact({ namespace }) };
}
