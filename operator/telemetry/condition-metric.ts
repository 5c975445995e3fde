import type { Registry } from 'prom-client';
import { createOwnedGauge } from './owned-gauge.ts';

/** An object of a kind of ours. */
export interface ObjectOfKind {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface ConditionMetric {
  /**
   * The conditions of an object as they are now: one series a type, with its present status. A type that is not there has no
   * series, as Stalled while nothing is wrong; none at all takes all series of the object away.
   */
  setConditions(object: ObjectOfKind, conditions: readonly { readonly type: string; readonly status: string }[]): void;
}

export function createConditionMetric(registry: Registry): ConditionMetric {
  const gauge = createOwnedGauge({
    name: 'saaslicense_condition',
    help: '1 for the present status (True, False or Unknown) of each condition of an object of ours.',
    labels: ['kind', 'namespace', 'name', 'type', 'status'],
    registry,
  });
  return {
    setConditions({ kind, namespace, name }, conditions) {
      const samples = conditions.map(({ type, status }) => ({ labels: { kind, namespace, name, type, status }, value: 1 }));
      gauge.replace(`${kind}/${namespace}/${name}`, samples);
    },
  };
}
