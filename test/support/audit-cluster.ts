import { conflict, retryable } from '../../operator/api/errors.ts';
import type { AuditRecord, AuditRecordSpec } from '../../operator/api/audit-record.ts';
import type { ResourceType } from '../../operator/api/kind.ts';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import type { KubernetesClient } from '../../operator/kubernetes/client.ts';
import { settle } from './fake-clock.ts';

/** What becomes of one request: it is carried out; or it is, and its answer gets lost; or it never comes; or it comes late. */
export type Weather = 'Fine' | 'LostReply' | 'LostRequest' | 'Late';

/** Just enough of an API server for an audit trail, for one process at a time to lose replies on; the real one is in test/integration. */
export interface AuditCluster {
  /** A client of one process; `weather` is asked before each request of it, and `pace` how many turns it takes. */
  client(weather?: () => Weather, pace?: () => number): Pick<KubernetesClient, 'get' | 'pages' | 'create'>;
  readonly objects: Map<string, KubernetesObject>;
  /** Requests so far, such as `create auditrecords`. */
  readonly requests: string[];
  /** Specs of the records, in the order of their names. */
  records(): { readonly name: string; readonly spec: AuditRecordSpec }[];
  /** Carries out what came late. */
  deliver(): void;
}

export function createAuditCluster(): AuditCluster {
  const objects = new Map<string, KubernetesObject>();
  const requests: string[] = [];
  const late: (() => void)[] = [];
  let made = 0;
  const keyOf = (type: ResourceType, namespace: string | undefined, name: string): string => `${type.plural}/${namespace}/${name}`;

  function put<T extends KubernetesObject>(type: ResourceType, object: T): T {
    const key = keyOf(type, object.metadata.namespace, object.metadata.name);
    if (objects.has(key)) throw conflict(`The create of ${type.plural} met a newer or other version of the object; it is read again.`);
    made += 1;
    const stored = structuredClone({ ...object, metadata: { ...object.metadata, uid: `uid-${made}`, resourceVersion: String(made) } });
    objects.set(key, stored);
    return structuredClone(stored);
  }

  async function request<T>(what: string, { weather, pace }: { weather: () => Weather; pace: () => number }, work: () => T): Promise<T> {
    requests.push(what);
    await settle(pace());
    const today = weather();
    const lost = retryable('TimedOut', `The ${what} took too long; it is tried again.`);
    if (today === 'LostRequest') throw lost;
    if (today === 'Late') {
      late.push(() => void work());
      throw lost;
    }
    const done = work();
    await settle(pace());
    if (today === 'LostReply') throw lost;
    return done;
  }

  function list(type: ResourceType, namespace: string | undefined): KubernetesObject[] {
    const prefix = keyOf(type, namespace, '');
    return [...objects].filter(([key]) => key.startsWith(prefix)).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => structuredClone(object));
  }

  return {
    objects,
    requests,
    client: (weather = () => 'Fine', pace = () => 1) => ({
      get: async <T extends KubernetesObject>(type: ResourceType, { namespace, name }: { namespace?: string; name: string }) =>
        request(`get of ${type.plural}`, { weather, pace }, () => structuredClone(objects.get(keyOf(type, namespace, name))) as T | undefined),
      create: async <T extends KubernetesObject>(type: ResourceType, object: T) => request(`create of ${type.plural}`, { weather, pace }, () => put(type, object)),
      async *pages<T extends KubernetesObject>(type: ResourceType, { namespace, limit = 500 }: { namespace?: string; limit?: number } = {}) {
        const all = await request(`list of ${type.plural}`, { weather, pace }, () => list(type, namespace) as T[]);
        for (let from = 0; from < Math.max(1, all.length); from += limit) yield all.slice(from, from + limit);
      },
    }),
    records: () => [...objects].filter(([key]) => key.startsWith('auditrecords/')).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => ({ name: object.metadata.name, spec: (object as AuditRecord).spec })),
    deliver() {
      for (const work of late.splice(0)) {
        try {
          work();
        } catch {
          // Its place was taken meanwhile: whoever sent it does not hear of it any more.
        }
      }
    },
  };
}
