import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';

interface AuditEvent {
  verb: string;
  stage: string;
  user?: { username?: string };
  userAgent?: string;
  objectRef?: { resource?: string; namespace?: string; subresource?: string };
  responseStatus?: { code?: number };
}

const writeVerbs: readonly string[] = ['create', 'update', 'patch', 'delete'];
const readVerbs: readonly string[] = ['get', 'list', 'watch'];

/** Bytes of the log so far; a place to count from. */
export async function endOfAuditLog(path: string): Promise<number> {
  return (await stat(path)).size;
}

/** Writes of SoftwareSubscriptions by refreshes in the namespace that the API server itself recorded since `from`. */
export async function countAuditedWrites(path: string, from: number, namespace: string): Promise<number> {
  let writes = 0;
  const isOurs = ({ userAgent = '', objectRef }: AuditEvent): boolean =>
    userAgent.startsWith('saas-license-operator/refresh') && objectRef?.resource === 'softwaresubscriptions' && objectRef.namespace === namespace;
  // A cheap look first: most lines are others' reads.
  const mayCount = (line: string): boolean => line.includes('"softwaresubscriptions"') && line.includes(namespace);
  for await (const event of readEvents(path, from, mayCount)) if (isWrite(event) && isOurs(event)) writes += 1;
  return writes;
}

/** What a service account asked of the API server, as that recorded it. */
export interface AuditedRequests {
  /** Writes that were carried out, by resource; those of its Lease are left out. */
  readonly writes: Readonly<Record<string, number>>;
  /** Lists and watches of subscriptions, of whatever namespaces. */
  readonly subscriptionReads: number;
}

/** Requests of the service account, `namespace:name`, since `from`. */
export async function countAuditedRequests(path: string, from: number, account: string): Promise<AuditedRequests> {
  const username = `system:serviceaccount:${account}`;
  const writes: Record<string, number> = {};
  let subscriptionReads = 0;
  for await (const event of readEvents(path, from, (line) => line.includes(`"${username}"`))) {
    const { resource = '' } = event.objectRef ?? {};
    if (isWrite(event) && resource !== 'leases') writes[resource] = (writes[resource] ?? 0) + 1;
    if (resource === 'softwaresubscriptions' && readVerbs.includes(event.verb)) subscriptionReads += 1;
  }
  return { writes, subscriptionReads };
}

async function* readEvents(path: string, from: number, mayCount: (line: string) => boolean): AsyncGenerator<AuditEvent> {
  for await (const line of createInterface({ input: createReadStream(path, { start: from }) })) {
    if (mayCount(line)) yield JSON.parse(line) as AuditEvent;
  }
}

function isWrite({ verb, stage, objectRef, responseStatus }: AuditEvent): boolean {
  return stage === 'ResponseComplete' && writeVerbs.includes(verb) && objectRef !== undefined && (responseStatus?.code ?? 500) < 300;
}
