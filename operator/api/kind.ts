import type { z } from 'zod';
import { apiVersion, category } from './group.ts';

export interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'date' | 'boolean';
  jsonPath: string;
  description?: string;
  /** 1 = only with `-o wide`. */
  priority?: 0 | 1;
}

/** One kind: everything that its CRD, its types and its start-up check come from. */
export interface KindDefinition {
  kind: string;
  plural: string;
  singular: string;
  shortNames: string[];
  description: string;
  /** Object schema of `spec`; CEL rules ride in `.meta({'x-kubernetes-validations': […]})`. */
  spec: z.ZodObject;
  status: z.ZodObject;
  /** Rules about the object as a whole, such as its name. */
  rules?: CelRule[];
  printerColumns: PrinterColumn[];
}

/** Address of a kind on the API server; `operator/kubernetes` needs no more to work with it. */
export interface ResourceType {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

export function resourceType(kind: string, plural: string): ResourceType {
  return { apiVersion, kind, plural, namespaced: true };
}

export const ageColumn: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
export const readyColumn: PrinterColumn = {
  name: 'Ready',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
};
export const messageColumn: PrinterColumn = {
  name: 'Status',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].message',
  priority: 1,
};
export { category };

/** A rule that the API server checks on every write (CEL). */
export interface CelRule {
  rule: string;
  message: string;
}

/**
 * What a provider adds to the schemas of the kinds: the registry hands these in, so a new provider
 * brings its own fields without touching `api/` (design section 2, provider contract).
 */
export interface ProviderFragment {
  /** Value of `spec.type`, such as `PagerDuty`. */
  type: string;
  /** Key of the provider's own settings in a ConnectionAlias spec, such as `pagerduty`. */
  settingsKey: string;
  /** Schema of those settings; every field optional and without default, since a child alias leaves out what its parent says. */
  connectionSettings: z.ZodObject;
  /** Fields of the settings that an alias without a parent must have; at least one. */
  requiredSettings: readonly string[];
  /** The alias that a profile refers to when it names none: its identifier in the integration guide, and its object's name (S52). */
  defaultConnectionAlias: { id: string; name: string };
  /** Names of the activity signals, the default one first (C16). */
  activitySignals: readonly string[];
}
