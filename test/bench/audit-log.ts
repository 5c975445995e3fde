import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';

interface AuditEvent {
  verb: string;
  stage: string;
  userAgent?: string;
  objectRef?: { resource?: string; namespace?: string; subresource?: string };
  responseStatus?: { code?: number };
}

/** Bytes of the log so far; a place to count from. */
export async function endOfAuditLog(path: string): Promise<number> {
  return (await stat(path)).size;
}

/** Writes of SoftwareSubscriptions by refreshes in the namespace that the API server itself recorded since `from`. */
export async function countAuditedWrites(path: string, from: number, namespace: string): Promise<number> {
  let writes = 0;
  for await (const line of createInterface({ input: createReadStream(path, { start: from }) })) {
    // A cheap look first: most lines are others' reads.
    if (!line.includes('"softwaresubscriptions"') || !line.includes(namespace)) continue;
    if (isWrite(JSON.parse(line) as AuditEvent, namespace)) writes += 1;
  }
  return writes;
}

function isWrite({ verb, stage, userAgent = '', objectRef, responseStatus }: AuditEvent, namespace: string): boolean {
  const ours = stage === 'ResponseComplete' && userAgent.startsWith('saas-license-operator/refresh');
  const there = objectRef?.resource === 'softwaresubscriptions' && objectRef.namespace === namespace;
  return ours && there && ['create', 'update', 'patch', 'delete'].includes(verb) && (responseStatus?.code ?? 500) < 300;
}
