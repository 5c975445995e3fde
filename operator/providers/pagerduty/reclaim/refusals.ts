/** PagerDuty's words for a lock that another change of users holds, and that passes (facts/pagerduty.md 5.4). */
export function isLocked(texts: readonly string[]): boolean {
  return texts.some((text) => /could not be locked/i.test(text));
}

/** PagerDuty's words for a licence that is stale, full, or not for the role. */
export function isLicenceRefusal(texts: readonly string[]): boolean {
  return !isLocked(texts) && texts.some((text) => /license error|license is not available/i.test(text));
}

/** Deletions are refused without a code, so the text tells what holds somebody; the first that fits, snapshots before what they are of (facts/pagerduty.md 5.1, 5.3, T9). */
const causes: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/snapshot/i, 'InOpenIncidentSnapshot'],
  [/\bincidents?\b/i, 'OpenIncidents'],
  [/escalation polic/i, 'OnEscalationPolicy'],
  [/\bschedules?\b/i, 'OnSchedule'],
];

/** A reason that says what to do, from PagerDuty's words where they tell more than the status. */
export function nameRefusal(reason: string, texts: readonly string[]): string {
  if (reason !== 'RequestRefused') return reason;
  if (isLicenceRefusal(texts)) return 'LicenseUnavailable';
  return causes.find(([pattern]) => texts.some((text) => pattern.test(text)))?.[1] ?? reason;
}
