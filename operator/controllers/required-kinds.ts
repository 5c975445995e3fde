import { group, version } from '../api/group.ts';
import type { RequiredKind } from '../kubernetes/crd-check.ts';

/** Fields that this binary reads or writes, and that an older CRD would prune without a word. */
const fields: Record<string, string[]> = {
  connectionaliases: ['spec.type', 'spec.appToken', 'spec.oauth', 'spec.apiToken', 'spec.suspend', 'spec.parentAliasRef', 'status.token', 'status.authorization', 'status.grantedScopes', 'status.lastFailure'],
  integrationprofiles: [
    'spec.publish',
    'spec.publicationPolicy',
    'spec.activitySignals',
    'spec.reclaimAliasRef',
    'spec.schedules',
    'spec.analyzeUserActivityFrom',
    'spec.maxLookBackDays',
    'spec.suspend',
    'status.state',
    'status.validation',
    'status.publishedDownloadActivity',
    'status.refresh.subscriptions.failureKind',
    'status.refresh.activity.activityWindow',
    'status.refresh.activity.signals',
    'status.refresh.subscriptions.connection',
    'status.lastFailure',
    'spec.reconciliation',
    'status.position.inputs',
    'spec.ownership',
  ],
  softwaremodels: ['spec.subscriptionIdentifiers', 'spec.unitPrice', 'status.position.unused', 'status.position.money', 'status.monthlyPeaks', 'status.lastHandledRequestedAt', 'status.reclamationRule'],
  softwareentitlements: ['spec.billing', 'spec.renewal', 'status.state', 'status.termCost'],
  subscriptionexclusions: ['spec.until', 'status.profiles'],
  reclamationrules: [
    'spec.softwareModelRef',
    'spec.lastActivityThresholdDays',
    'spec.limits',
    'spec.protect',
    'spec.notify',
    'spec.condition',
    'spec.leaversRef',
    'spec.freezeWindows',
    'spec.confirmedRule',
    'spec.confirmedPlan',
    'status.review',
    'status.evaluation',
    'status.held',
    'status.plan',
  ],
  // Without one of these, what was asked, sent or saved would be forgotten.
  removalcandidates: ['spec.decision', 'status.state', 'status.closedAt', 'status.decision', 'status.answer', 'status.messages', 'status.blockers', 'status.attempt', 'status.undo', 'status.planHash'],
  auditrecords: ['spec.previous', 'spec.hash', 'spec.signature'],
  softwaresubscriptions: ['spec.externalUserId', 'spec.subscriptionIdentifier', 'status.activity', 'status.lastActivity', 'status.evidenceFrom'],
};

/** What `checkInstalledKinds` is asked for at the start. */
export function requiredKinds(): RequiredKind[] {
  return Object.entries(fields).map(([plural, list]) => ({ plural, group, version, fields: list }));
}
