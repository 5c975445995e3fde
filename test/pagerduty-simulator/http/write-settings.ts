/** What the facts leave open about writes, what plans differ in, and how late changes show. */
export interface WriteSettings {
  /** How many reads of people (a page of the list, or the person) still show somebody after the deletion (facts 5.1). */
  deleteShownReads: number;
  /** … and for how many milliseconds of the simulator's clock, whichever lasts longer. */
  deleteShownMs: number;
  /** For how many checks a deletion is still blocked by a schedule or policy that the person was taken off (facts 5.1). */
  editsSettleChecks: number;
  /** … and for how many milliseconds. */
  editsSettleMs: number;
  /** True: schedules and policies do not block, and placeholders stay on them (facts 5.2). */
  planHasOffboarding: boolean;
  /** What offboarding does about assigned incidents (facts 5.2). */
  offboardingIncidents: 'fail' | 'restart';
  /** How long after the answer incidents are restarted (facts 5.1). */
  restartAfterMs: number;
  /** Whether the 400 names the first kind of blocker or all of them. */
  blockersShown: 'first' | 'all';
  /** Body of that 400 (facts 5.1, 11): `errors` alone, with an empty message, with code and message, or with a further key. */
  blockerBody: 'errors-only' | 'empty-message' | 'with-code' | 'names-conflicts';
  /** How deleting the owner is refused (facts 5.1, 11). */
  ownerDelete: 'forbidden' | 'invalid';
  /** What deleting oneself does (facts 5.1, 11). */
  selfDelete: 'allowed' | 'forbidden' | 'invalid';
  /** Whether people of ended layers and past overrides are in `users` of a classic schedule, and block deletions. */
  endedLayers: 'ignored' | 'listed' | 'block';
  /** What the body of PUT /users/{id} must have (facts 5.4). */
  putUserNeeds: 'name-email-type' | 'nothing';
  /** Whether somebody on a schedule or policy can be made a stakeholder (facts 5.4, 11). */
  stakeholderOnCall: 'refuse' | 'accept';
  /** The role in a team that lists show of a stakeholder, who holds none; it is what is left of it once they are a full user again (facts 5.4). */
  stakeholderTeamRole: 'observer' | 'none';
  /** False: `observer` and `restricted_access` are 402 (facts 3.2). */
  planHasAdvancedPermissions: boolean;
  /** A user write that comes while another is under way is 400 (facts 5.4). */
  accountLock: 'overlapping' | 'never' | 'always';
  /** Who needs the header `From` for POST /users (facts 1.8). */
  fromHeader: 'always' | 'account-level';
}

export const DEFAULT_WRITE_SETTINGS: Readonly<WriteSettings> = {
  deleteShownReads: 2,
  deleteShownMs: 0,
  editsSettleChecks: 0,
  editsSettleMs: 0,
  planHasOffboarding: false,
  offboardingIncidents: 'fail',
  restartAfterMs: 5000,
  blockersShown: 'first',
  blockerBody: 'errors-only',
  ownerDelete: 'forbidden',
  selfDelete: 'allowed',
  endedLayers: 'ignored',
  putUserNeeds: 'name-email-type',
  stakeholderOnCall: 'refuse',
  stakeholderTeamRole: 'observer',
  planHasAdvancedPermissions: true,
  accountLock: 'overlapping',
  fromHeader: 'always',
};
