import { OperatorError } from '../../api/errors.ts';
import { labels } from '../../api/group.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import { observeJob } from '../../controllers/observe.ts';
import type { ObservedJob } from '../../controllers/dependencies.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';

const pageSize = 250;

/**
 * The Jobs of the subscriptions refreshes of a namespace. The role view of Kubernetes may list them, the roles of this product alone may
 * not: undefined then, which is not the same as none.
 */
export async function gatherRuns(reader: Pick<KubernetesClient, 'pages'>, namespace: string): Promise<readonly ObservedJob[] | undefined> {
  const runs: ObservedJob[] = [];
  try {
    const options = { namespace, limit: pageSize, labelSelector: `${labels.process}=subscriptions` };
    for await (const page of reader.pages<KubernetesObject>(coreResources.Job, options)) runs.push(...page.map(observeJob));
    return runs;
  } catch (error) {
    if (error instanceof OperatorError && error.failure.reason === 'Forbidden') return undefined;
    throw error;
  }
}

/** What was seen of runs before and after everything else was read: one that ran at either time wrote in between. */
export function mergeRuns(before: readonly ObservedJob[] | undefined, after: readonly ObservedJob[] | undefined): readonly ObservedJob[] | undefined {
  if (before === undefined || after === undefined) return undefined;
  return [...before.filter(({ state }) => state === 'Active'), ...after];
}

/** Names of profiles of which a subscriptions run ended while they were read, should nothing else have been seen of it. */
export function findMoved(before: readonly IntegrationProfile[], after: readonly IntegrationProfile[]): ReadonlySet<string> {
  const endOf = (profiles: readonly IntegrationProfile[], name: string): string | undefined => profiles.find(({ metadata }) => metadata.name === name)?.status?.refresh?.subscriptions?.completionTime;
  return new Set(before.map(({ metadata }) => metadata.name).filter((name) => endOf(before, name) !== endOf(after, name)));
}
