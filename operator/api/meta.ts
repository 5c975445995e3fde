import { z } from 'zod';

/** The part of ObjectMeta that the house reads; everything else of an object passes through untouched. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: { manager?: string; operation?: string; subresource?: string; time?: string; fieldsV1?: unknown }[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Any Kubernetes object as JSON. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** A custom resource of ours. */
export interface CustomResource<Spec, Status> extends KubernetesObject {
  spec: Spec;
  status?: Status;
}

/** DNS-1123 subdomain: what Kubernetes takes as a name, and nothing that could lead a request path astray. */
export const objectNamePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Name of an object. */
export const objectName = (description: string): z.ZodString =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(objectNamePattern, 'a Kubernetes name: lower case letters, digits, - and .')
    .describe(description);

/** Name of an object in the same namespace; there is never a namespace field (design section 1). */
export const localReference = z.object({ name: objectName('Name of the object, in the same namespace.') });

/** RFC 3339 time with a zone, as the API server writes and checks it. */
export const timestamp = (description: string): z.ZodString =>
  z.string().max(64).meta({ format: 'date-time', description });

/** metav1.Condition. */
export const condition = z.object({
  type: z.string().min(1).max(316),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().min(1).max(1024),
  message: z.string().max(32768),
  observedGeneration: z.int().min(0).optional(),
  lastTransitionTime: timestamp('When the status last changed.'),
});
export type Condition = z.infer<typeof condition>;

export const conditions = z
  .array(condition)
  .max(32)
  .optional()
  .meta({
    description: 'Latest observations of the state, one a type (kstatus: Ready, Reconciling, Stalled).',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  });
