import { z } from 'zod';

/** What else may manage the accounts of people (D7, C25, T10). */
export const ownership = z.object({
  terraformStates: z
    .array(
      z.object({
        name: z.string().min(1).max(253).describe('Name of the Secret, in the same namespace, such as that of Terraform’s kubernetes backend.'),
        key: z.string().min(1).max(253).default('tfstate').describe('Key with the state, as JSON or gzipped, as the kubernetes backend stores it.'),
      }),
    )
    .min(1)
    .max(8)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe('Secrets with Terraform state: its users are Terraform’s.'),
  crossplane: z.boolean().default(true).describe('Whether User resources of Crossplane’s PagerDuty provider are read: those of this namespace, and those that are cluster-scoped. Nothing happens where it is not installed.'),
  identityProvider: z
    .enum(['Detected', 'CreatedViaSso', 'Everybody', 'Nobody'])
    .default('Detected')
    .describe('Who is provisioned by an identity provider (SCIM) and would come back at its next sync. Detected: those whom the audit trail of the vendor shows to be made by it, where it can be read.'),
});
export type OwnershipSettings = z.infer<typeof ownership>;
