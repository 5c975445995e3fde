import type { Metrics } from '../telemetry/metrics.ts';
import type { Stores } from './dependencies.ts';
import { objectName } from './object-key.ts';
import { follow } from './show-positions.ts';

/** Shows what rules have come to as metrics, as the API server has it: right after a restart, before anything is evaluated again. */
export function showRules(stores: Pick<Stores, 'rules'>, metrics: Pick<Metrics, 'setRule' | 'forgetRule'>): void {
  follow(stores.rules, {
    show: (key, { spec, status }) => metrics.setRule(objectName(key), { profile: spec.profileRef.name, status: status ?? {} }),
    forget: (key) => metrics.forgetRule(objectName(key)),
  });
}
