import { z } from 'zod';
import { timestamp } from './meta.ts';

export const counts = z.object({
  total: z.int().min(0).describe('Subscriptions of the profile.'),
  recorded: z.int().min(0).describe('With a recorded last activity.'),
  never: z.int().min(0).describe('Seen by a signal, without any activity since the start of the window.'),
  unknown: z.int().min(0).describe('Not seen by any enabled signal yet, or not visible to it.'),
  pendingInvitation: z.int().min(0).describe('Invited, never signed up, and paid for (C17).'),
});
export type SubscriptionCounts = z.infer<typeof counts>;

const licenseCount = z.object({
  identifier: z.string().max(128).describe('Subscription identifier: the vendor’s licence id, or the role group where licences are hidden.'),
  name: z.string().max(253),
  roleGroup: z.string().max(64),
  subscriptions: z.int().min(0).describe('Subscriptions with this identifier.'),
  assigned: z.int().min(0).optional().describe('Seats assigned, as the vendor counts them.'),
  available: z.int().min(0).optional().describe('Seats left; absent when the vendor states no limit (C20).'),
  unlimited: z.boolean().optional().describe('True when the vendor states no limit.'),
});
export type LicenseCount = z.infer<typeof licenseCount>;

const signalResult = z.object({
  name: z.string().max(64).describe('Activity signal.'),
  available: z.boolean().describe('Whether the vendor let this token pull it in the last run.'),
  reason: z.string().max(128).optional().describe('CamelCase reason why it is not available.'),
  message: z.string().max(1024).optional().describe('Why it is not available and what to do.'),
  from: timestamp('From when on the evidence of this signal is complete.').optional(),
  to: timestamp('Until when the evidence of this signal is complete; may lag behind the run where the vendor’s data does.').optional(),
});
export type SignalResult = z.infer<typeof signalResult>;

const window = z.object({
  from: timestamp('Start of the analysis.'),
  to: timestamp('Until when the evidence is complete.').optional(),
});

/** What a refresh job writes about its last run, with a field manager of its own. */
export const refreshResult = z.object({
  result: z.enum(['Succeeded', 'Failed']).describe('Result of the last finished run.'),
  reason: z.string().max(128).describe('CamelCase reason.'),
  message: z.string().max(1024).describe('What happened and what to do.'),
  failureKind: z.enum(['Terminal', 'Waiting', 'Retryable', 'Conflict']).optional(),
  job: z.string().max(253).optional().describe('Job that ran it.'),
  trigger: z.string().max(256).optional().describe('What asked for the run: Schedule, or the id of a request.'),
  startTime: timestamp('When the run started.'),
  completionTime: timestamp('When the run ended.'),
  lastSuccessTime: timestamp('When a run last succeeded.').optional(),
  durationSeconds: z.int().min(0),
  vendorRequests: z.int().min(0).describe('Requests made to the vendor, retries included.'),
  apiWrites: z.int().min(0).describe('Writes of subscriptions to the API server.'),
  created: z.int().min(0),
  updated: z.int().min(0),
  deleted: z.int().min(0),
  counts: counts.optional().describe('Counts after the last successful run.'),
  licenses: z
    .array(licenseCount)
    .max(20)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('The first 20 licences by number of subscriptions.'),
  licenseCount: z.int().min(0).optional().describe('How many licences there are in all.'),
  licenseData: z
    .object({ available: z.boolean(), reason: z.string().max(128), message: z.string().max(1024) })
    .optional()
    .describe('Whether the vendor lets this token read licences (T6).'),
  rateLimitRemaining: z.int().min(0).optional().describe('Vendor requests left in the window at the end of the run.'),
  activityWindow: window.optional().describe('From when to when the evidence of the last successful activity run is complete.'),
  signals: z
    .array(signalResult)
    .max(8)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe('The activity signals of the last successful activity run, each optional (C16).'),
  connection: z
    .string()
    .max(64)
    .optional()
    .describe('Identity of the connection that the kept figures came from: evidence of another account is never continued (guard 6).'),
});
export type RefreshResult = z.infer<typeof refreshResult>;
