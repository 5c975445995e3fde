import { formatMoney } from '../../licensing/position/amounts.ts';
import type { Workbench, WorkbenchContract } from '../../licensing/position/workbench.ts';
import { actionWords, formatCount, isCost, listModels, listRenewals, listUnrecognized, say, stateOf } from './figures.ts';
import { html, nameOf, type Content, type Markup } from './markup.ts';
import { orDash } from './report-answers.ts';
import { drawModel } from './report-position.ts';
import { dates, drawTable, numbers, words } from './report-table.ts';

/** Candidates that a page lists; beyond, a browser has more to do than a reader. */
const maxCandidates = 500;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** What can be done about each model, with numbers (S85); undefined where there is nothing to do. */
export function drawOptions(workbench: Workbench): Markup | undefined {
  const rows = listModels(workbench).flatMap((line) =>
    (line.model.position.remediationOptions ?? []).map((option) => [
      drawModel(line),
      actionWords[option.action],
      formatCount(option.quantity),
      line.model.position.compliance === 'Compliant' ? '–' : option.resolves ? 'Yes' : 'No',
      option.money === undefined ? '–' : `${isCost(option) ? 'costs' : 'saves'} ${formatMoney(option.money)}`,
    ]),
  );
  if (rows.length === 0) return undefined;
  return drawTable({
    caption: 'Options by model. Compliant alone: whether the option by itself makes the model compliant.',
    columns: [...words('Model', 'Option'), ...numbers('Quantity'), ...words('Compliant alone'), ...numbers('In a year')],
    rows,
  });
}

/** Contracts by the day on which they end, those that are due first (C23, L35), then all contracts. */
export function drawRenewals(workbench: Workbench): Markup {
  const renewals = listRenewals(workbench);
  const list = renewals.length === 0 ? html`<p>No contract ends.</p>\n` : html`<ol class="renewals">${renewals.map(drawRenewal)}</ol>\n`;
  if (workbench.contracts.length === 0) return list;
  return html`${list}<h3>All contracts</h3>
${drawTable({
  caption: 'Entitlements: rights bought, and what they cost in a year.',
  columns: [...words('Contract', 'Model', 'State'), ...numbers('Rights', 'Price', 'Annual cost'), ...words('Billing'), ...dates('From', 'To'), ...words('Cost centre')],
  rows: workbench.contracts.map(drawContract),
})}`;
}

function drawRenewal(contract: WorkbenchContract & { readonly end: string }): Markup {
  const [year = '', month = '', day = ''] = contract.end.split('-');
  const { daysToRenewal: days, suggestedRights: suggested } = contract;
  const when = [
    contract.renewalDue ? html`<span class="mark bad"><span aria-hidden="true">!</span> Due now</span>` : html`<span class="mark">${contract.renewedBy === undefined ? 'Not due yet' : ['Renewed by ', nameOf(contract.renewedBy)]}</span>`,
    ...(days === undefined ? [] : [`, ends in ${say(days, 'day')}`]),
    ...(contract.noticeDate === undefined ? [] : [`, notice from ${contract.noticeDate}`]),
  ];
  const advice = suggested === undefined ? '' : ` Suggested: ${say(suggested, 'right')}.`;
  return html`<li class="${contract.renewalDue ? 'due' : ''}"><div class="day"><span>${months[Number(month) - 1]}</span> <b>${day}</b> <span>${year}</span></div><div><p><b>${nameOf(contract.name)}</b> for ${nameOf(contract.model)}</p><p>${when}.</p><p>${say(contract.rights, 'right')}, ${annualCost(contract)} a year.${advice}</p></div></li>\n`;
}

const annualCost = ({ annualCostMinor, price }: WorkbenchContract): string => formatMoney({ amountMinor: annualCostMinor, currency: price.currency });

const billingWords = { AnnualCommit: 'Prepaid', MonthlyPeak: 'Peak of each month' } as const;

function drawContract(contract: WorkbenchContract): Content[] {
  return [
    nameOf(contract.name),
    nameOf(contract.model),
    contract.state,
    formatCount(contract.rights),
    `${formatMoney(contract.price)} a ${contract.price.period.toLowerCase()}`,
    annualCost(contract),
    billingWords[contract.billing],
    contract.start,
    contract.end ?? 'runs on',
    contract.costCenter === undefined ? '–' : nameOf(contract.costCenter),
  ];
}

/** Candidates for removal; a person is named only where the workbench was asked for names. Undefined where there are none. */
export function drawCandidates({ candidates }: Workbench): Markup | undefined {
  if (candidates.length === 0) return undefined;
  const states = [...new Set(candidates.map(stateOf))].sort();
  const summary = states.map((state, index) => html`${index === 0 ? '' : ', '}${formatCount(candidates.filter((candidate) => stateOf(candidate) === state).length)} ${nameOf(state)}`);
  const hasPersons = candidates.some(({ person }) => person !== undefined);
  const shown = candidates.slice(0, maxCandidates);
  const more = candidates.length > shown.length ? html`<p>The first ${formatCount(shown.length)} of ${formatCount(candidates.length)} are shown; JSON has all.</p>\n` : undefined;
  return html`<p>${say(candidates.length, 'candidate')}: ${summary}.</p>
${more}${drawTable({
  caption: 'Subscriptions that a rule found to be unused.',
  columns: [...words('Candidate', ...(hasPersons ? ['Person'] : []), 'Profile', 'Identifier', 'Action', 'State'), ...numbers('Inactive days'), ...dates('Opened')],
  rows: shown.map((candidate) => [
    nameOf(candidate.name),
    ...(hasPersons ? [candidate.person === undefined ? '–' : nameOf(candidate.person)] : []),
    nameOf(candidate.profile),
    nameOf(candidate.identifier),
    candidate.action,
    nameOf(stateOf(candidate)),
    orDash(candidate.inactiveDays === undefined ? undefined : formatCount(candidate.inactiveDays)),
    orDash(candidate.openedAt),
  ]),
})}`;
}

/** Identifiers that no model claims (L25); undefined where there are none. */
export function drawUnrecognized(workbench: Workbench): Markup | undefined {
  const lines = listUnrecognized(workbench);
  if (lines.length === 0) return undefined;
  return drawTable({
    caption: 'Identifiers that no SoftwareModel claims. Their subscriptions are in none of the other figures.',
    columns: [...words('Identifier', 'Name', 'Profile', 'Role group'), ...numbers('Subscriptions'), ...words('Reason')],
    rows: lines.map((line) => [
      nameOf(line.identifier),
      line.name === undefined ? '–' : nameOf(line.name),
      nameOf(line.profile),
      nameOf(line.roleGroup),
      formatCount(line.subscriptions),
      line.reason,
    ]),
  });
}
