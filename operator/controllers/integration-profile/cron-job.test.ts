import { describe, expect, it } from 'vitest';
import { aProfileInput, settings } from '../../../test/support/profile-fixtures.ts';
import { buildCronJob } from './cron-job.ts';

interface PodSpec {
  securityContext: Record<string, unknown>;
  containers: { env: { name: string; value?: string }[]; securityContext: object; volumeMounts: { name: string; mountPath: string }[] }[];
  volumes: { name: string; configMap?: object; secret?: object }[];
}

function podOf(refreshCaConfigMap?: string): PodSpec {
  const cronJob = buildCronJob(aProfileInput({ settings: { ...settings, refreshCaConfigMap } }), 'subscriptions', { suspend: false });
  return (cronJob.spec.jobTemplate.spec as { template: { spec: PodSpec } }).template.spec;
}

describe('the pod of a refresh', () => {
  it('mounts the access token and nothing else, and meets the restricted Pod Security Standard', () => {
    const pod = podOf();
    expect(pod.volumes.map((volume) => volume.name)).toEqual(['token']);
    expect(pod.containers[0]?.volumeMounts.map((mount) => mount.name)).toEqual(['token']);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('trusts the authorities of a ConfigMap of its namespace, and starts without it, so that its absence is told by the refresh', () => {
    const pod = podOf('company-ca');
    expect(pod.volumes).toContainEqual({ name: 'ca', configMap: { name: 'company-ca', optional: true } });
    const path = pod.containers[0]?.volumeMounts.find((mount) => mount.name === 'ca')?.mountPath ?? '';
    expect(pod.containers[0]?.env).toContainEqual({ name: 'NODE_EXTRA_CA_CERTS', value: `${path}/ca.crt` });
  });
});
