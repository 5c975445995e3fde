import type { Metrics } from '../telemetry/metrics.ts';
import type { Stores } from './dependencies.ts';
import { objectName } from './object-key.ts';

/** Shows the licence positions as metrics, as the API server has them: right after a restart, before anything is calculated again. */
export function showPositions(
  stores: Pick<Stores, 'models' | 'entitlements' | 'profiles'>,
  metrics: Pick<Metrics, 'setSoftwareModel' | 'forgetSoftwareModel' | 'setEntitlement' | 'forgetEntitlement' | 'setProfilePosition'>,
): void {
  follow(stores.models, {
    show: (key, { spec, status }) => metrics.setSoftwareModel(objectName(key), { profile: spec.profileRef.name, status: status ?? {} }),
    forget: (key) => metrics.forgetSoftwareModel(objectName(key)),
  });
  follow(stores.entitlements, {
    show: (key, { spec, status }) => {
      const renewalDue = status?.conditions?.some(({ type, status: value }) => type === 'RenewalDue' && value === 'True') ?? false;
      metrics.setEntitlement(objectName(key), { model: spec.modelRef.name, spec, status: status ?? {}, renewalDue });
    },
    forget: (key) => metrics.forgetEntitlement(objectName(key)),
  });
  follow(stores.profiles, {
    show: (key, { status }) => metrics.setProfilePosition(objectName(key), status?.position),
    forget: (key) => metrics.setProfilePosition(objectName(key), undefined),
  });
}

interface Watched<T> {
  list(): T[];
  subscribe(listener: (change: { key: string; new?: T }) => void): unknown;
}

/** Shows each object of a store now, and again when it changes. */
export function follow<T extends { metadata: { namespace?: string; name: string } }>(
  store: Watched<T>,
  { show, forget }: { show: (key: string, object: T) => void; forget: (key: string) => void },
): void {
  store.subscribe((change) => (change.new === undefined ? forget(change.key) : show(change.key, change.new)));
  for (const object of store.list()) show(`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object);
}
