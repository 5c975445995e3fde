import { annotations, apiVersion, labels, product } from '../../api/group.ts';
import { integrationProfileResource, type IntegrationProfile, type RefreshProcess } from '../../api/integration-profile.ts';
import type { KubernetesObject, OwnerReference } from '../../api/meta.ts';
import { profileLabelValue } from '../../licensing/subscription-name.ts';
import { tokenSecretName } from '../connection-alias/decide-connect.ts';
import { connectionId } from './decide-validation.ts';
import type { ProfileInput } from './input.ts';
import { cronJobName, defaultSchedule, jobTitle, triggeredJobName } from './names.ts';

/** Where the pod finds the access token. */
const tokenDirectory = '/var/run/secrets/saaslicense.dev/token';
/** Where Kubernetes puts the pod's own credential. */
const serviceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Where the pod finds the certificate authorities of the ConfigMap, if the operator names one. */
const authorityDirectory = '/var/run/secrets/saaslicense.dev/ca';
/** Annotation of a pod that says what asked for the run; the pod reads it as TRIGGER. */
export const triggerAnnotation = 'saaslicense.dev/trigger';
/** Exit code of a run that a retry cannot help. */
const terminalExitCode = 3;

export interface CronJob extends KubernetesObject {
  spec: { schedule: string; timeZone: string; suspend: boolean; jobTemplate: { metadata: object; spec: object } } & Record<string, unknown>;
}

export interface Job extends KubernetesObject {
  spec: object;
}

/** Labels on everything that belongs to one refresh of one profile. */
export function refreshLabels(profile: IntegrationProfile, process: RefreshProcess): Record<string, string> {
  return {
    [labels.profile]: profileLabelValue(profile.metadata.name),
    [labels.process]: process,
    [labels.managedBy]: product,
    [labels.partOf]: product,
  };
}

export function ownerReference(profile: IntegrationProfile): OwnerReference {
  return {
    apiVersion,
    kind: integrationProfileResource.kind,
    name: profile.metadata.name,
    uid: profile.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: false,
  };
}

/** The CronJob of one refresh: applied server-side, whole (design section 3). */
export function buildCronJob(input: ProfileInput, process: RefreshProcess, options: { suspend: boolean }): CronJob {
  const { profile } = input;
  const title = jobTitle(profile.spec.displayName, process);
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: {
      name: cronJobName(profile, process),
      namespace: profile.metadata.namespace ?? '',
      labels: refreshLabels(profile, process),
      annotations: { [annotations.jobTitle]: title },
      ownerReferences: [ownerReference(profile)],
    },
    spec: {
      schedule: profile.spec.schedules?.[process] ?? defaultSchedule(profile, process),
      timeZone: profile.spec.schedules?.timeZone ?? 'Etc/UTC',
      suspend: options.suspend,
      concurrencyPolicy: 'Forbid',
      // A missed start is made up for within six hours; after that the next day's run is near enough.
      startingDeadlineSeconds: 6 * 3600,
      successfulJobsHistoryLimit: 2,
      failedJobsHistoryLimit: 2,
      jobTemplate: {
        metadata: { labels: refreshLabels(profile, process), annotations: { [annotations.jobTitle]: title } },
        spec: jobSpec(input, process, 'Schedule'),
      },
    },
  };
}

/** A Job of the CronJob's template, for a run now; the CronJob owns it, as with `kubectl create job --from`. */
export function buildTriggeredJob(
  input: ProfileInput,
  process: RefreshProcess,
  options: { trigger: string; cronJob: KubernetesObject },
): Job {
  const { profile } = input;
  const { cronJob, trigger } = options;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: triggeredJobName(cronJob.metadata.name, trigger),
      namespace: profile.metadata.namespace ?? '',
      labels: refreshLabels(profile, process),
      annotations: { [annotations.jobTitle]: jobTitle(profile.spec.displayName, process), 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          name: cronJob.metadata.name,
          uid: cronJob.metadata.uid ?? '',
          controller: true,
          blockOwnerDeletion: false,
        },
      ],
    },
    spec: jobSpec(input, process, trigger),
  };
}

function jobSpec(input: ProfileInput, process: RefreshProcess, trigger: string): object {
  return {
    // Seven pods within some twenty minutes (the waits between them add up to over ten): a short outage does not cost a day.
    backoffLimit: 6,
    // Of the whole Job, its waits included: more than seven runs of the largest account, less than until somebody wonders.
    activeDeadlineSeconds: 2 * 3600,
    podFailurePolicy: {
      rules: [
        { action: 'FailJob', onExitCodes: { containerName: 'refresh', operator: 'In', values: [terminalExitCode] } },
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      ],
    },
    template: {
      metadata: { labels: refreshLabels(input.profile, process), annotations: { [triggerAnnotation]: trigger } },
      spec: podSpec(input, process),
    },
  };
}

/** Meets the restricted Pod Security Standard; mounts the access token and nothing else (design section 3). */
function podSpec(input: ProfileInput, process: RefreshProcess): object {
  const { profile, settings } = input;
  const authorities = trustedAuthorities(settings.refreshCaConfigMap);
  return {
    restartPolicy: 'Never',
    serviceAccountName: settings.refreshServiceAccount,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'refresh',
        image: settings.refreshImage,
        imagePullPolicy: 'IfNotPresent',
        args: refreshArguments(input, process),
        env: [
          { name: 'JOB_NAME', valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-name']" } } },
          { name: 'TRIGGER', valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${triggerAnnotation}']` } } },
          ...authorities.env,
        ],
        resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '384Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'token', mountPath: tokenDirectory, readOnly: true }, ...authorities.mounts],
      },
    ],
    volumes: [
      { name: 'token', secret: { secretName: tokenSecretName(profile.spec.connectionAliasRef.name), defaultMode: 0o440 } },
      ...authorities.volumes,
    ],
  };
}

function refreshArguments(input: ProfileInput, process: RefreshProcess): string[] {
  const { profile, settings } = input;
  return [
    'refresh',
    process,
    `--namespace=${profile.metadata.namespace ?? ''}`,
    `--profile=${profile.metadata.name}`,
    `--profile-uid=${profile.metadata.uid ?? ''}`,
    `--connection-alias=${profile.spec.connectionAliasRef.name}`,
    // The run ends when the profile has another connection by then: the mounted token is of this one.
    `--connection-id=${connectionId(input)}`,
    `--token-directory=${tokenDirectory}`,
    `--service-account-directory=${serviceAccountDirectory}`,
    ...(settings.allowCustomEndpoints ? ['--allow-custom-endpoints'] : []),
  ];
}

/**
 * Further certificate authorities, for a proxy that looks into TLS. Optional: without its ConfigMap the pod runs and the refresh
 * says that the vendor's certificate is not trusted, where a pod that never starts would say nothing.
 */
function trustedAuthorities(configMap: string | undefined): { env: object[]; mounts: object[]; volumes: object[] } {
  if (configMap === undefined) return { env: [], mounts: [], volumes: [] };
  return {
    env: [{ name: 'NODE_EXTRA_CA_CERTS', value: `${authorityDirectory}/ca.crt` }],
    mounts: [{ name: 'ca', mountPath: authorityDirectory, readOnly: true }],
    volumes: [{ name: 'ca', configMap: { name: configMap, optional: true } }],
  };
}
