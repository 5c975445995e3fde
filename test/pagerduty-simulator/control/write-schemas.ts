import { z } from 'zod';

/** Settings of the writes, from another process. */
export const writeSettings = {
  deleteShownReads: z.int().min(0).exactOptional(),
  deleteShownMs: z.number().min(0).exactOptional(),
  editsSettleChecks: z.int().min(0).exactOptional(),
  editsSettleMs: z.number().min(0).exactOptional(),
  planHasOffboarding: z.boolean().exactOptional(),
  offboardingIncidents: z.enum(['fail', 'restart']).exactOptional(),
  restartAfterMs: z.number().min(0).exactOptional(),
  blockersShown: z.enum(['first', 'all']).exactOptional(),
  blockerBody: z.enum(['errors-only', 'empty-message', 'with-code', 'names-conflicts']).exactOptional(),
  ownerDelete: z.enum(['forbidden', 'invalid']).exactOptional(),
  selfDelete: z.enum(['allowed', 'forbidden', 'invalid']).exactOptional(),
  endedLayers: z.enum(['ignored', 'listed', 'block']).exactOptional(),
  putUserNeeds: z.enum(['name-email-type', 'nothing']).exactOptional(),
  stakeholderOnCall: z.enum(['refuse', 'accept']).exactOptional(),
  stakeholderTeamRole: z.enum(['observer', 'none']).exactOptional(),
  planHasAdvancedPermissions: z.boolean().exactOptional(),
  accountLock: z.enum(['overlapping', 'never', 'always']).exactOptional(),
  fromHeader: z.enum(['always', 'account-level']).exactOptional(),
};

/** An incident to open. */
export const incidentSchema = z.strictObject({
  assigneeIds: z.array(z.string()),
  policyId: z.string().exactOptional(),
  title: z.string().exactOptional(),
  urgency: z.enum(['high', 'low']).exactOptional(),
  createdAt: z.number().exactOptional(),
});

/** What happens to it; `by` is a person's id, else the service. */
export const incidentChangeSchema = z.strictObject({
  status: z.enum(['acknowledged', 'resolved']).exactOptional(),
  assigneeIds: z.array(z.string()).exactOptional(),
  by: z.string().exactOptional(),
});

/** Somebody on a schedule or as a direct target of a policy; the first there is unless named. */
export const placementSchema = z.strictObject({
  userId: z.string(),
  kind: z.enum(['policy', 'classic', 'v3']),
  id: z.string().exactOptional(),
  level: z.int().min(1).exactOptional(),
});
