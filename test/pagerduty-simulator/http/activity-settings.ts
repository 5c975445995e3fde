/** What the facts leave open about incidents, log entries, audit records, analytics and delegations, and what plans lack. */
export interface ActivitySettings {
  /** False: POST /analytics/… is 402 (facts 4.2, 11). */
  planHasAnalytics: boolean;
  /** False: …/audit/records is 402 (facts 4.6). */
  planHasAudit: boolean;
  /** Analytics are made anew every so many hours, counted from 1970; 0 = always as of now (facts 4.2). */
  analyticsLagHours: number;
  /** What counts as a sign-in (facts 4.2, 11). */
  signInCounts: 'web' | 'web-and-mobile';
  /** The order of rows without `order_by`: the facts know two answers (facts 4.2). */
  analyticsDefaultOrderBy: 'user_id' | 'name';
  /** `role_ids`: which ones are valid is not known (facts 11). */
  analyticsRoleIds: 'refuse' | 'role-names';
  /** Somebody of two teams comes twice. */
  analyticsRowPerTeam: boolean;
  /** One row in total, without a responder, or one for each (facts 4.3, 11). */
  responderRows: 'total' | 'per-responder';
  /** The most rows on a page of audit records or delegations (facts 4.6, 11). */
  cursorMaxLimit: number;
  /** Whether a record at the very end or start of a window is in it. */
  windowEnds: 'inclusive' | 'exclusive';
  /** The field with a delegation's kind (facts 3.5, 11). */
  delegationKindField: 'delegation_type' | 'type';
}

export const DEFAULT_ACTIVITY_SETTINGS: Readonly<ActivitySettings> = {
  planHasAnalytics: true,
  planHasAudit: true,
  analyticsLagHours: 24,
  signInCounts: 'web',
  analyticsDefaultOrderBy: 'name',
  analyticsRoleIds: 'refuse',
  analyticsRowPerTeam: false,
  responderRows: 'total',
  cursorMaxLimit: 100,
  windowEnds: 'inclusive',
  delegationKindField: 'delegation_type',
};
