import type { Focus } from './focus.ts';

/** A guard that is broken on purpose, and what the oracle must then find. */
export interface Row {
  readonly breaks: string;
  /** Others that see the same danger, and have to be broken as well: defence in depth. */
  readonly covered?: readonly string[];
  readonly focus: Focus;
  /** One of these is found. */
  readonly finds: readonly string[];
}

/** Rules that let everybody go who is inactive, in a company where most are. */
const rule = {
  mode: 'Propose', action: 'Remove', downgradeTo: undefined, notify: undefined, freezeWindows: undefined, condition: undefined, leaversRef: undefined, thresholdOverrides: undefined,
  limits: { maxPerRun: 100, maxPercent: 100, maxCandidateRatio: 100, minAdmins: 1 }, protect: { tags: [] }, newSeatGraceDays: 0, lastActivityThresholdDays: 30, evaluationPeriodHours: 24,
} as const;
const notify = { daysBeforeAutoReclaim: 1, approval: 'None', channels: [{ name: 'tell', type: 'Email', secretRef: { name: 'slack' }, audiences: ['User'] }] } as const;
const profile = { ownership: { crossplane: true, identityProvider: 'Nobody' }, reclaimLimits: { maxPerDay: 1000, maxPercentPerDay: 100 } } as const;
export const calm: Focus = { rule, profile, accountCap: 1000, isQuiet: true, inactive: 0.9, self: false, deaths: 0, faults: 0, steps: 60 };

/** Where everybody's hands move as they like, and much is reclaimed all the same. */
export const busy: Focus = { rule: { ...rule, limits: { ...rule.limits, maxPerRun: 4, maxPercent: 40 } }, inactive: 0.85 };

const uncertain = {
  handOver: 1, renameOnly: 0.6, readdressOnly: 0.3, reuseAddress: 0.5, changeReclaimed: 4, promote: 0.3, demote: 0.3, deleteByHand: 0.2,
  skewOperator: 0.3, skewApi: 0.3, setClocks: 3, loseStatus: 0.5, backUp: 1, putStatusBack: 0.6, restoreBackup: 0.6, reapply: 1, withdraw: 1, forgeAnswer: 0.5, answerKeep: 1, answerRelease: 1,
  resolveOtherwise: 0.6, restore: 4, refresh: 3, lowerThreshold: 0.4, otherAction: 0.2, enforce: 0.3, confirmRule: 0.6, excludePerson: 0.3, includeAgain: 0.5, decideKeep: 0.4,
} as const;

/** Where much is reclaimed and undone, and nothing of what people, statuses, clocks and answers are can be relied on. */
export const eventful: readonly Focus[] = [
  { action: 'Remove' },
  { action: 'Downgrade', downgradeTo: { role: 'read_only_user' } },
  { action: 'Downgrade', downgradeTo: { role: 'read_only_user' }, mode: 'Enforce', notify },
  { action: 'Remove', mode: 'Enforce', notify: { ...notify, approval: 'Approvers' } },
].map((change) => ({ rule: { ...rule, limits: { ...rule.limits, minAdmins: 2 }, ...change }, profile, isQuiet: true, inactive: 0.9, self: false, steps: 120, between: 0.01, late: 0.15, faults: 0.25, hands: uncertain }));

/** The danger comes once the bundle is saved: only the second asking of all guards sees it. */
function late(...momentHands: NonNullable<Focus['momentHands']>): Focus {
  return { ...calm, momentHands, atMoment: 0.7 };
}

function withRule(change: Readonly<Record<string, unknown>>, more: Focus = {}): Focus {
  return { ...calm, ...more, rule: { ...rule, ...change } };
}

const ofObjects: readonly Row[] = [
  { breaks: 'guard:CandidateAwaitsRevocation', covered: ['guard:Decided'], focus: late('closeElsewhere'), finds: ['OtherState'] },
  { breaks: 'guard:ProfileThere', covered: ['hold:ProfileNotFound'], focus: late('deleteProfile'), finds: ['ProfileGone'] },
  { breaks: 'guard:ProfilePublished', focus: late('unpublish'), finds: ['NotPublished'] },
  { breaks: 'guard:ProfileNotSuspended', covered: ['hold:ProfileSuspended'], focus: late('suspendProfile'), finds: ['ProfileSuspended'] },
  { breaks: 'guard:RuleThere', covered: ['guard:NotHeld'], focus: late('deleteRule', 'retarget'), finds: ['RuleGone'] },
  { breaks: 'guard:RuleNotSuspended', covered: ['hold:RuleSuspended'], focus: late('suspendRule'), finds: ['RuleSuspended'] },
  { breaks: 'guard:NothingInTheWay', focus: late('disableReclaim'), finds: ['ReclaimDisabled'] },
  { breaks: 'guard:NothingInTheWay', covered: ['guard:NotHeld'], focus: late('unconfirm', 'edit'), finds: ['NotConfirmed'] },
  { breaks: 'guard:NothingInTheWay', covered: ['guard:NotHeld'], focus: late('observe'), finds: ['OnlyObserved'] },
  { breaks: 'guard:NothingInTheWay', covered: ['guard:NotHeld'], focus: late('freeze'), finds: ['Frozen'] },
  { breaks: 'guard:NothingInTheWay', covered: ['guard:NotHeld'], focus: late('confirmPlan'), finds: ['NotInPlan'] },
  { breaks: 'guard:NothingInTheWay', focus: late('claimByTerraform'), finds: ['OwnedByTerraform'] },
  { breaks: 'guard:SameAction', covered: ['guard:NotHeld'], focus: late('otherAction'), finds: ['OtherAction'] },
  { breaks: 'guard:Decided', focus: late('withdraw'), finds: ['NotDecided'] },
  { breaks: 'guard:Decided', focus: { ...late('decideKeep'), rule: { ...rule, mode: 'Enforce', notify } }, finds: ['KeepDecided'] },
  { breaks: 'guard:NoticeServed', covered: ['guard:NotHeld'], focus: late('ask'), finds: ['NoNotice'] },
  { breaks: 'guard:NotHeld', focus: late('lowerRatio'), finds: ['OverRatio'] },
  { breaks: 'guard:NotHeld', covered: ['guard:StillInactive'], focus: late('dataOld', 'refreshFails', 'otherConnection', 'refreshBegins', 'signalRefused'), finds: ['DataStale', 'RefreshFailed', 'OtherConnection', 'RefreshRunning', 'NotWatched'] },
  { breaks: 'guard:SameSubscription', focus: late('otherRole', 'deleteSubscription'), finds: ['SubscriptionChanged', 'SubscriptionGone'] },
  { breaks: 'guard:NotProtected', covered: ['guard:StillInactive'], focus: late('protectRole', 'excludePerson'), finds: ['ProtectedRole', 'Excluded'] },
  { breaks: 'guard:StillInactive', focus: late('becomeActive'), finds: ['Active'] },
  { breaks: 'guard:StillInactive', focus: late('forgetEvidence', 'higherThreshold'), finds: ['EvidenceIncomplete', 'Active'] },
  // A turn that an unclear outcome leaves keeps the second one out as well.
  { breaks: 'guard:NoOpenAttempt', covered: ['guard:CandidateAwaitsRevocation', 'leave'], focus: { ...calm, leaders: 1, faults: 0.9, stalls: 0.1, isRace: true }, finds: ['SecondWrite'] },
  { breaks: 'guard:WithinBudget', focus: withRule({ limits: { ...rule.limits, maxPerRun: 1 } }), finds: ['OverBudget'] },
  { breaks: 'guard:WithinProfileCap', focus: { ...calm, profile: { ...profile, reclaimLimits: { maxPerDay: 2, maxPercentPerDay: 100 } } }, finds: ['OverProfileCap'] },
  { breaks: 'guard:WithinAccountCap', focus: { ...calm, accountCap: 2 }, finds: ['OverAccountCap'] },
];

const ofHolds: readonly Row[] = [
  { breaks: 'hold:DataStale', focus: late('dataOld'), finds: ['DataStale'] },
  { breaks: 'hold:RefreshFailed', focus: late('refreshFails'), finds: ['RefreshFailed'] },
  { breaks: 'hold:RefreshRunning', focus: late('refreshBegins'), finds: ['RefreshRunning'] },
  { breaks: 'hold:RefreshHalfWritten', focus: late('refreshBreaksOff'), finds: ['RefreshFailed'] },
  { breaks: 'hold:ConnectionChanged', covered: ['guard:StillInactive'], focus: late('otherConnection'), finds: ['OtherConnection'] },
  { breaks: 'hold:SignalsNotWatched', covered: ['guard:StillInactive'], focus: late('signalRefused', 'signalLost'), finds: ['NotWatched'] },
  { breaks: 'hold:InsufficientHistory', covered: ['guard:StillInactive'], focus: late('signalGap'), finds: ['NotWatched'] },
  { breaks: 'hold:ProfileNotPublished', covered: ['guard:ProfilePublished'], focus: late('draft'), finds: ['NotPublished'] },
  { breaks: 'blast-radius', focus: withRule({ limits: { ...rule.limits, maxCandidateRatio: 5 } }), finds: ['OverRatio'] },
];

const ofVendor: readonly Row[] = [
  { breaks: 'guard:SamePerson', focus: { ...calm, hands: { readdressOnly: 1, renameOnly: 1 } }, finds: ['OtherPerson'] },
  { breaks: 'guard:SameRole', focus: { ...calm, hands: { demote: 1 } }, finds: ['OtherRoleAtVendor'] },
  { breaks: 'guard:NotOwner', covered: ['guard:SameRole'], focus: { ...calm, hands: { makeOwner: 1 } }, finds: ['Owner'] },
  { breaks: 'guard:NotSelf', focus: { ...calm, self: true }, finds: ['Self'] },
  { breaks: 'guard:NotLastAdmin', focus: withRule({ limits: { ...rule.limits, minAdmins: 2 } }, { hands: { fewAdmins: 1 } }), finds: ['LastAdmin'] },
  { breaks: 'guard:NoVendorBlocker', focus: { ...calm, hands: { placeOnPolicy: 1 } }, finds: ['OnPolicy', 'OnCall', 'EmptyLevel'] },
  { breaks: 'guard:NoVendorBlocker', focus: { ...calm, hands: { placeOnClassic: 1 } }, finds: ['OnClassicSchedule'] },
  { breaks: 'guard:NoVendorBlocker', focus: { ...calm, hands: { placeOnShifts: 1 } }, finds: ['OnShiftSchedule'] },
  { breaks: 'guard:NoVendorBlocker', focus: { ...calm, hands: { openIncident: 1 } }, finds: ['OpenIncident'] },
  { breaks: 'guard:NoVendorBlocker', focus: withRule({ protect: { tags: ['license-keep'] } }, { hands: { tag: 1 } }), finds: ['Tagged'] },
  { breaks: 'guard:NotProvisioned', focus: { ...calm, profile: { ...profile, ownership: { crossplane: true, identityProvider: 'CreatedViaSso' } } }, finds: ['Provisioned'] },
  { breaks: 'recent-activity', covered: ['guard:NoVendorBlocker'], focus: { ...calm, hands: { placeOnPolicy: 1 } }, finds: ['ActiveSince'] },
];

const ofRules: readonly Row[] = [
  { breaks: 'guard:Owner', covered: ['guard:NotOwner'], focus: calm, finds: ['Owner'] },
  { breaks: 'guard:Exclusion', focus: { ...calm, hands: { excludePerson: 2, excludeLicence: 0.2 } }, finds: ['Excluded'] },
  { breaks: 'guard:Role', focus: withRule({ protect: { tags: [], roles: ['observer', 'user'] } }), finds: ['ProtectedRole'] },
  { breaks: 'guard:Team', focus: { ...calm, hands: { protectTeam: 2 } }, finds: ['ProtectedTeam'] },
  { breaks: 'guard:JobTitle', focus: withRule({ protect: { tags: [], jobTitles: ['Engineer', 'Head'] } }), finds: ['ProtectedTitle'] },
  { breaks: 'guard:Condition', focus: withRule({ condition: "subscription.role == 'observer'" }), finds: ['Condition'] },
  { breaks: 'guard:LastAdmin', covered: ['guard:NotLastAdmin'], focus: withRule({ limits: { ...rule.limits, minAdmins: 50 } }), finds: ['LastAdmin'] },
  { breaks: 'guard:KeepCooldown', focus: { ...calm, hands: { decideKeep: 4 } }, finds: ['KeptRecently'] },
];

const ofTime: readonly Row[] = [
  { breaks: 'clocks', focus: { ...calm, between: 0.02, hands: { skewOperator: 20, skewApi: 20 } }, finds: ['ClockWrong'] },
  // Asked again at the very request, and before anything is begun.
  { breaks: 'guard:ClockTrusted', covered: ['clocks'], focus: late('skewOperator', 'skewApi'), finds: ['ClockWrong'] },
  { breaks: 'clock-gate', focus: withRule({ undoRetentionDays: 3, closedRetentionDays: 1 }, { between: 0.02, hands: { skewOperator: 8, setClocks: 4 } }), finds: ['UndoDeletedEarly', 'DeletedUntimely'] },
];

const downgrade = { action: 'Downgrade', downgradeTo: { role: 'read_only_user' } } as const;
const asking = { mode: 'Enforce', notify } as const;

const ofPersons: readonly Row[] = [
  { breaks: 'decision-id', focus: { ...calm, hands: { renameOnly: 1, refresh: 2 } }, finds: ['NotDecided'] },
  { breaks: 'decision-id', focus: { ...calm, hands: { restoreBackup: 1, backUp: 2, reapply: 8 } }, finds: ['NotDecided'] },
  { breaks: 'decision-id', focus: withRule({ notify: { ...notify, approval: 'Approvers' } }, { hands: { answerKeep: 8, withdraw: 2, reapply: 8 } }), finds: ['NotDecided', 'KeepWished'] },
  // Who it is, is asked when it closes, at each write by our own objects and by the vendor's answer, and is part of a decision.
  { breaks: 'same-person', covered: ['guard:SamePerson', 'decision-id'], focus: { ...calm, hands: { handOver: 2, refresh: 2 } }, finds: ['OtherPersonThanMeant'] },
  { breaks: 'last-look', focus: late('handOver', 'renameOnly', 'promote'), finds: ['OtherPersonThanMeant', 'OtherRoleAtVendor', 'NotDecided'] },
  { breaks: 'asked-address', focus: withRule(asking, { hands: { resolveOtherwise: 4 } }), finds: ['NoNotice'] },
  { breaks: 'answer-seal', focus: withRule(asking, { hands: { forgeAnswer: 6 } }), finds: ['ForgedAnswer'] },
  { breaks: 'confirmed', focus: { ...calm, hands: { lowerThreshold: 2 } }, finds: ['NotConfirmed'] },
];

const ofUndo: readonly Row[] = [
  { breaks: 'judge-undo', focus: withRule(downgrade, { hands: { restore: 12, changeReclaimed: 12 } }), finds: ['UndoLowered', 'UndoOverHand'] },
  // A request that was carried out is known by status, and by the trail where status is of before.
  { breaks: 'restored-once', covered: ['settled-requests'], focus: withRule(downgrade, { hands: { restore: 12, changeReclaimed: 12 } }), finds: ['UndoneTwice'] },
];

const ofMechanics: readonly Row[] = [
  { breaks: 'bundle', focus: calm, finds: ['NoBundle'] },
  { breaks: 'intent', focus: calm, finds: ['NotRecorded'] },
  { breaks: 'claim', focus: { ...calm, faults: 0.9, deleteShownMs: 600_000 }, finds: ['NotClaimed', 'SecondWrite'] },
  { breaks: 'read-back', focus: { ...calm, faults: 0.9, deleteShownMs: 600_000 }, finds: ['SecondWrite'] },
  { breaks: 'turn', covered: ['guard:OwnTurn'], focus: { ...calm, leaders: 1, stalls: 0.02, hands: { decideReclaim: 12 } }, finds: ['Overlap'] },
  { breaks: 'versions', focus: { ...calm, noVersions: true, between: 0.1, hands: { withdraw: 20, decideKeep: 20, closeElsewhere: 20 } }, finds: ['NotDecided', 'KeepDecided', 'OtherState'] },
];

export const table: readonly Row[] = [...ofObjects, ...ofHolds, ...ofVendor, ...ofRules, ...ofTime, ...ofPersons, ...ofUndo, ...ofMechanics];
