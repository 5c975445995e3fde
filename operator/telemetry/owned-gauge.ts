import { Gauge, type Registry } from 'prom-client';

export interface GaugeOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  readonly registry: Registry;
}

export interface Sample<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

/**
 * A gauge whose series belong to Kubernetes objects: they are replaced as a whole and go when the object
 * goes, so that a deleted object does not go on alerting (facts/operators.md B3.31).
 */
export interface OwnedGauge<Label extends string> {
  replace(owner: string, samples: readonly Sample<Label>[]): void;
  forget(owner: string): void;
}

export function createOwnedGauge<Label extends string>(options: GaugeOptions<Label>): OwnedGauge<Label> {
  const { name, help, labels, registry } = options;
  const gauge = new Gauge({ name, help, labelNames: labels, registers: [registry] });
  const owned = new Map<string, Map<string, Record<Label, string>>>();

  function replace(owner: string, samples: readonly Sample<Label>[]): void {
    const before = owned.get(owner) ?? new Map<string, Record<Label, string>>();
    const after = new Map(samples.map((sample) => [keyOf(sample.labels, labels), sample.labels]));
    for (const [key, stale] of before) if (!after.has(key)) gauge.remove(stale);
    for (const sample of samples) gauge.set(sample.labels, sample.value);
    if (after.size > 0) owned.set(owner, after);
    else owned.delete(owner);
  }

  return { replace, forget: (owner) => replace(owner, []) };
}

function keyOf<Label extends string>(labels: Readonly<Record<Label, string>>, names: readonly Label[]): string {
  return JSON.stringify(names.map((name) => labels[name]));
}
