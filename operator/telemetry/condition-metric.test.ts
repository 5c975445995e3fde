import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

const object = { kind: 'IntegrationProfile', namespace: 'team-a', name: 'pagerduty' };
const series = async (metrics: ReturnType<typeof createMetrics>): Promise<string[]> =>
  (await metrics.render()).split('\n').filter((line) => line.startsWith('saaslicense_condition{'));
const line = (type: string, status: string): string =>
  `saaslicense_condition{kind="IntegrationProfile",namespace="team-a",name="pagerduty",type="${type}",status="${status}"} 1`;

describe('saaslicense_condition', () => {
  it('has one series a condition, with its present status: a status that changed leaves none behind', async () => {
    const metrics = createMetrics();
    metrics.setConditions(object, [{ type: 'Ready', status: 'False' }, { type: 'Stalled', status: 'True' }]);
    expect(await series(metrics)).toEqual([line('Ready', 'False'), line('Stalled', 'True')]);
    metrics.setConditions(object, [{ type: 'Ready', status: 'True' }]);
    expect(await series(metrics)).toEqual([line('Ready', 'True')]);
  });

  it('an object that was never looked at, or is gone, has no series', async () => {
    const metrics = createMetrics();
    metrics.setConditions(object, []);
    expect(await series(metrics)).toEqual([]);
    metrics.setConditions(object, [{ type: 'Ready', status: 'Unknown' }]);
    metrics.setConditions(object, []);
    expect(await series(metrics)).toEqual([]);
  });

  it('objects of two kinds with one name do not take each other’s series', async () => {
    const metrics = createMetrics();
    metrics.setConditions(object, [{ type: 'Ready', status: 'True' }]);
    metrics.setConditions({ ...object, kind: 'ConnectionAlias' }, [{ type: 'Ready', status: 'False' }]);
    metrics.setConditions({ ...object, kind: 'ConnectionAlias' }, []);
    expect(await series(metrics)).toEqual([line('Ready', 'True')]);
  });
});
