import { formatMoney } from '../position/amounts.ts';
import type { PlannedReclaim, ReclaimPlan } from './plan.ts';
import type { AlignColumns } from './text-table.ts';

/** The plan for a person who reviews it. */
export function renderReclaimPlan(plan: ReclaimPlan, align: AlignColumns): string {
  const sections = [
    [`Reclaim plan of rule ${plan.rule} for profile ${plan.profile} at ${plan.at}`, describeAction(plan), ...(plan.held === undefined ? [] : [`Held, ${plan.held.reason}: ${plan.held.message}`])],
    align([{ title: 'SUBSCRIPTIONS' }, { title: 'COUNT', align: 'right' }], countRows(plan)),
    plan.people.length === 0 ? ['Nobody would be reclaimed.'] : align(peopleColumns, plan.people.map(personRow)),
    listBlockers(plan),
    plan.noLonger.length === 0 ? [] : [`Would be closed, as the rule does not find them any more: ${plan.noLonger.join(', ')}`],
    [`Savings in a year: ${describeSavings(plan)}`, `At most ${plan.pace.allowed} in a period, ${plan.pace.left} now.${plan.pace.message === undefined ? '' : ` ${plan.pace.message}`}`],
    plan.notes.length === 0 ? [] : ['Notes', ...plan.notes.map((note) => `  ${note}`)],
    [describeReview(plan.review), `Plan ${plan.hash}${describePlanConfirmed(plan.confirmed)}`],
  ];
  return `${sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function describeReview({ id, confirmed }: ReclaimPlan['review']): string {
  return `Rule ${id}${confirmed ? ', confirmed by spec.confirmedRule' : ': after you have read the rule, set spec.confirmedRule to this id'}`;
}

function describePlanConfirmed(confirmed: boolean | undefined): string {
  if (confirmed === undefined) return '';
  return confirmed ? ', confirmed by spec.confirmedPlan' : ', not confirmed by spec.confirmedPlan: only people of the confirmed plan are reclaimed';
}

function describeAction({ action, target, mode, review }: ReclaimPlan): string {
  const what = action === 'Remove' ? 'Remove: the account is deleted at the vendor, for good' : `Downgrade to ${target?.role ?? ''}${target?.subscriptionIdentifier === undefined ? '' : ` with licence ${target.subscriptionIdentifier}`}`;
  return `${what}. Mode ${mode}, ${review.confirmed ? 'confirmed' : 'not confirmed: nothing is reclaimed'}.`;
}

const countTitles = {
  covered: 'Covered', active: '  active', recent: '  too new to judge', unknown: '  unknown', inactive: '  inactive', excluded: '    excluded',
  protected: '    protected', coolingDown: '    kept a short time ago', otherRule: '    of another rule', candidates: '    candidates',
} as const satisfies Partial<Record<keyof ReclaimPlan['counts'], string>>;

function countRows({ counts, guards, unknowns }: ReclaimPlan): string[][] {
  const names = Object.keys(countTitles).filter((name): name is keyof typeof countTitles => name in countTitles);
  return [
    ...names.map((name) => [countTitles[name], String(counts[name])]),
    ...guards.map(({ guard, count }) => [`Kept out by ${guard}`, String(count)]),
    ...unknowns.map(({ why, count }) => [`Unknown: ${why}`, String(count)]),
  ];
}

const peopleColumns = [
  { title: 'SUBSCRIPTION' }, { title: 'USER' }, { title: 'ROLE' }, { title: 'LICENCE' }, { title: 'INACTIVE', align: 'right' }, { title: 'WHY' }, { title: 'SURE', align: 'right' },
  { title: 'SAVES', align: 'right' }, { title: 'STATE' }, { title: 'BLOCKERS', align: 'right' },
] as const;

function personRow(person: PlannedReclaim): string[] {
  const { subscription, externalUserId, role, identifier, licence, inactiveDays, justification, confidencePercent, saving, state, blockers } = person;
  return [
    subscription, externalUserId, role, licence ?? identifier, inactiveDays === undefined ? 'never' : `${inactiveDays} d`, justification, confidencePercent === undefined ? '-' : `${confidencePercent} %`,
    saving === undefined ? '-' : formatMoney(saving), state ?? 'new', String(blockers.length),
  ];
}

function listBlockers({ people }: ReclaimPlan): string[] {
  const lines = people.flatMap(({ subscription, blockers }) => blockers.map(({ kind, name, detail }) => `  ${subscription}: ${kind} ${name}${detail === undefined ? '' : ` (${detail})`}`));
  return lines.length === 0 ? [] : ['Known to stand in the way', ...lines];
}

function describeSavings({ savings, unpriced }: ReclaimPlan): string {
  const parts = [...savings.map(formatMoney), ...(unpriced === 0 ? [] : [`${unpriced} without a price`])];
  return parts.length === 0 ? 'none' : parts.join(' + ');
}
