import { z } from 'zod';

/** Settings of the routes for activity, from another process. */
export const activitySettings = {
  planHasAnalytics: z.boolean().exactOptional(),
  planHasAudit: z.boolean().exactOptional(),
  analyticsLagHours: z.number().min(0).exactOptional(),
  signInCounts: z.enum(['web', 'web-and-mobile']).exactOptional(),
  analyticsDefaultOrderBy: z.enum(['user_id', 'name']).exactOptional(),
  analyticsRoleIds: z.enum(['refuse', 'role-names']).exactOptional(),
  analyticsRowPerTeam: z.boolean().exactOptional(),
  responderRows: z.enum(['total', 'per-responder']).exactOptional(),
  cursorMaxLimit: z.int().min(1).exactOptional(),
  windowEnds: z.enum(['inclusive', 'exclusive']).exactOptional(),
  delegationKindField: z.enum(['delegation_type', 'type']).exactOptional(),
};
