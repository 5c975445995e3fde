import { z } from 'zod';

const fieldRef = z.object({ fieldPath: z.string() });
const keyToPath = z.object({ key: z.string(), path: z.string(), mode: z.number().optional() });
const downwardItem = z.object({ path: z.string(), fieldRef: fieldRef.optional(), mode: z.number().optional() });
const named = { name: z.string().default(''), optional: z.boolean().default(false) };
const keyRef = z.object({ ...named, key: z.string() });

const envSchema = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.looseObject({ secretKeyRef: keyRef.optional(), configMapKeyRef: keyRef.optional(), fieldRef: fieldRef.optional() }).optional(),
});

const containerSchema = z.object({
  name: z.string(),
  image: z.string().default(''),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  workingDir: z.string().optional(),
  env: z.array(envSchema).default([]),
  envFrom: z
    .array(z.object({ prefix: z.string().default(''), secretRef: z.object(named).optional(), configMapRef: z.object(named).optional() }))
    .default([]),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string(), subPath: z.string().default('') })).default([]),
  terminationMessagePolicy: z.string().default('File'),
});

const projectedSource = z.looseObject({
  serviceAccountToken: z.object({ audience: z.string().optional(), expirationSeconds: z.number().default(3600), path: z.string() }).optional(),
  secret: z.object({ ...named, items: z.array(keyToPath).optional() }).optional(),
  configMap: z.object({ ...named, items: z.array(keyToPath).optional() }).optional(),
  downwardAPI: z.object({ items: z.array(downwardItem).default([]) }).optional(),
});

const volumeSchema = z.looseObject({
  name: z.string(),
  secret: z
    .object({ secretName: z.string(), optional: z.boolean().default(false), items: z.array(keyToPath).optional(), defaultMode: z.number().optional() })
    .optional(),
  configMap: z.object({ ...named, items: z.array(keyToPath).optional(), defaultMode: z.number().optional() }).optional(),
  projected: z.object({ sources: z.array(projectedSource).default([]), defaultMode: z.number().optional() }).optional(),
  downwardAPI: z.object({ items: z.array(downwardItem).default([]), defaultMode: z.number().optional() }).optional(),
  emptyDir: z.looseObject({}).optional(),
});

/** The fields of a Pod that a kubelet for Jobs reads. */
export const podSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(z.object({ kind: z.string() })).default([]),
    deletionTimestamp: z.string().optional(),
    deletionGracePeriodSeconds: z.number().optional(),
  }),
  spec: z.object({
    nodeName: z.string().default(''),
    containers: z.array(containerSchema),
    initContainers: z.array(z.looseObject({ name: z.string() })).default([]),
    volumes: z.array(volumeSchema).default([]),
    restartPolicy: z.string().default('Always'),
    activeDeadlineSeconds: z.number().optional(),
    terminationGracePeriodSeconds: z.number().default(30),
    serviceAccountName: z.string().default('default'),
    schedulingGates: z.array(z.unknown()).default([]),
  }),
  status: z.object({ phase: z.string().default('Pending') }).default({ phase: 'Pending' }),
});

export type Pod = z.infer<typeof podSchema>;
export type Container = z.infer<typeof containerSchema>;
export type ProjectedSource = z.infer<typeof projectedSource>;
export type Volume = z.infer<typeof volumeSchema>;
export type KeyToPath = z.infer<typeof keyToPath>;
export type DownwardItem = z.infer<typeof downwardItem>;

/** What stands for a container image: the command line of a program of this machine. */
export interface LocalImage {
  /** The image's entrypoint. */
  readonly command: readonly string[];
  /** The image's own environment; the container's comes over it. */
  readonly env?: Readonly<Record<string, string>>;
  /** The image's working folder; the pod's own unless told. */
  readonly cwd?: string;
}

/** A Secret or ConfigMap that a pod names. */
export interface ObjectReference {
  readonly kind: 'secret' | 'configmap';
  readonly name: string;
  readonly optional: boolean;
}

/** The one of the two that is there, with its kind. */
export function pickReference<T extends { readonly name: string; readonly optional: boolean }>(secret: T | undefined, configMap: T | undefined): (T & ObjectReference) | undefined {
  if (secret !== undefined) return { ...secret, kind: 'secret' };
  return configMap === undefined ? undefined : { ...configMap, kind: 'configmap' };
}

/** A reference to an object that is not there (yet): the container waits for it. */
export class MissingReference extends Error {
  override readonly name = 'MissingReference';
}

/** Something that this runner does not do: the pod fails, so that nobody waits for it. */
export class UnsupportedPod extends Error {
  override readonly name = 'UnsupportedPod';
}

/** The value of a downward API field, as a kubelet gives it. Throws UnsupportedPod for a field that is not known here. */
export function readField(pod: Pod, nodeName: string, fieldPath: string): string {
  const { metadata, spec } = pod;
  const subscript = /^metadata\.(?<map>labels|annotations)(?:\['(?<key>[^']+)'\])?$/u.exec(fieldPath)?.groups;
  if (subscript !== undefined) {
    const map = subscript['map'] === 'labels' ? metadata.labels : metadata.annotations;
    const key = subscript['key'];
    return key === undefined ? formatMap(map) : (map[key] ?? '');
  }
  const fields = new Map<string, string>([
    ['metadata.name', metadata.name],
    ['metadata.namespace', metadata.namespace],
    ['metadata.uid', metadata.uid],
    ['spec.nodeName', nodeName],
    ['spec.serviceAccountName', spec.serviceAccountName],
    ['status.podIP', '127.0.0.1'],
    ['status.podIPs', '127.0.0.1'],
    ['status.hostIP', '127.0.0.1'],
    ['status.hostIPs', '127.0.0.1'],
  ]);
  const value = fields.get(fieldPath);
  if (value === undefined) throw new UnsupportedPod(`the pod runner does not know the field ${fieldPath}`);
  return value;
}

function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}

/** Why this runner cannot carry out the pod; undefined when it can. */
export function findUnsupported(pod: Pod): string | undefined {
  if (pod.spec.initContainers.length > 0) return 'the pod runner runs no init containers';
  if (pod.spec.containers.length !== 1) return `the pod runner runs one container a pod, not ${pod.spec.containers.length}`;
  const other = pod.spec.volumes.find((volume) => !['secret', 'configMap', 'projected', 'downwardAPI', 'emptyDir'].some((type) => volume[type] !== undefined));
  return other === undefined ? undefined : `the pod runner does not know the type of volume "${other.name}"`;
}
