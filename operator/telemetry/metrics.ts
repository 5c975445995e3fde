import { Registry } from 'prom-client';
import { createClockMetrics, type ClockMetrics } from './clock-metrics.ts';
import { createConditionMetric, type ConditionMetric } from './condition-metric.ts';
import { createControllerMetrics, type ControllerMetrics } from './controller-metrics.ts';
import { createLicenseMetrics, type LicenseMetrics } from './license-metrics.ts';
import { createPositionMetrics, type PositionMetrics } from './position-metrics.ts';
import { createRuleMetrics, type RuleMetrics } from './rule-metrics.ts';

/** All metrics of one process. There is no global registry: two operators in one process do not mix. */
export interface Metrics extends ControllerMetrics, LicenseMetrics, PositionMetrics, RuleMetrics, ConditionMetric, ClockMetrics {
  /** The exposition text for Prometheus. */
  render(): Promise<string>;
  /** Content type of that text. */
  readonly contentType: string;
  /** What each metric is, sorted by name; docs/metrics.md is generated from it. */
  describe(): MetricDescription[];
}

export interface MetricDescription {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  return {
    ...createControllerMetrics(registry),
    ...createLicenseMetrics(registry),
    ...createPositionMetrics(registry),
    ...createRuleMetrics(registry),
    ...createConditionMetric(registry),
    ...createClockMetrics(registry),
    render: async () => registry.metrics(),
    contentType: registry.contentType,
    describe: () => describeMetrics(registry),
  };
}

function describeMetrics(registry: Registry): MetricDescription[] {
  return registry
    .getMetricsAsArray()
    .map((metric) => ({
      name: metric.name,
      // The library's type says a number; it is the word of the exposition format.
      type: String(metric.type),
      help: metric.help,
      labels: labelNamesOf(metric),
    }))
    .sort((left, right) => left.name.localeCompare(right.name, 'en'));
}

function labelNamesOf(metric: object): string[] {
  const names: unknown = Reflect.get(metric, 'labelNames');
  return Array.isArray(names) ? names.map(String).filter((name) => name !== 'le') : [];
}
