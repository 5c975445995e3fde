import type { MoneyFigures, PositionGroup } from '../../api/license-position.ts';
import { formatMoney } from '../../licensing/position/amounts.ts';
import type { Workbench } from '../../licensing/position/workbench.ts';
import { alignColumns, type Column } from './align-columns.ts';
import { actionWords, groupWords, hasSavings, isCost, listModels, listMoney, listRenewals, listUnrecognized, savingWords, sayUnpriced, stateOf, sumOthers, useClasses, type MoneyName } from './figures.ts';
import { notesOf } from './notes.ts';
import { clipWidth, showPlainly } from './plain-text.ts';

/** Lines of a breakdown that a terminal shows; the files show all. */
const maxGroupLines = 10;
/** Columns for names that people at the vendor gave: longer ones are cut. Names of Kubernetes objects never are. */
const nameWidth = 48;

const left = (...titles: string[]): Column[] => titles.map((title) => ({ title }));
const right = (...titles: string[]): Column[] => titles.map((title) => ({ title, align: 'right' }));
const clip = (text: string): string => clipWidth(showPlainly(text), nameWidth);
const orNone = (text: string | number | undefined): string => (text === undefined ? '-' : String(text));
const joinMoney = (money: readonly MoneyFigures[] | undefined, name: MoneyName): string => listMoney(money, name).join(' + ') || '-';

interface Section {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * The workbench for a terminal (S83): a line for each model, their total, then what there is to say of products, options,
 * savings, identifiers, renewals and breakdowns. It shows no person: not even names of candidates, only how many there are.
 */
export function renderTable(workbench: Workbench): string {
  const head = `Licence position of namespace ${showPlainly(workbench.namespace)} at ${showPlainly(workbench.at)}`;
  if (workbench.profiles.length === 0) return `${head}\n\nThere is no IntegrationProfile in this namespace.\n`;
  const shown = sectionsOf(workbench).filter(({ rows }) => rows.length > 0);
  const blocks = shown.map(({ title, columns, rows }) => [title, ...alignColumns(columns, rows)].join('\n'));
  const position = alignColumns(positionColumns, positionRows(workbench)).join('\n');
  const notes = ['Notes', ...notesOf(workbench).map(showPlainly)].join('\n');
  return `${[head, position, ...blocks, notes].join('\n\n')}\n`;
}

const positionColumns = [
  ...left('PROFILE', 'MODEL', 'COMPLIANCE'),
  ...right('OWNED', 'USED', 'ACTIVE', 'STALE', 'NEVER', 'PENDING', 'NEW', 'UNKNOWN', 'AVAILABLE', 'NEEDED', 'ANNUAL-COST', 'POTENTIAL', 'TRUE-UP'),
];

function positionRows(workbench: Workbench): string[][] {
  const { sum } = workbench;
  const rows = listModels(workbench).map(({ profile, model }) => [profile, model.model, model.position.compliance, ...figuresOf(model.position)]);
  return [...rows, ['TOTAL', '', sum.compliance, ...figuresOf(sum, (name) => sayUnpriced(name, sum))]];
}

function figuresOf(position: Pick<Workbench['sum'], 'owned' | 'used' | 'available' | 'needed' | (typeof useClasses)[number]['key']> & { readonly money?: readonly MoneyFigures[] | undefined }, missing?: (name: MoneyName) => string | undefined): string[] {
  const counts = [position.owned, position.used, ...useClasses.map(({ key }) => position[key]), position.available, position.needed];
  const money = (['annualCost', 'potentialSavings', 'trueUpCost'] as const).map((name) => [...listMoney(position.money, name), missing?.(name) ?? []].flat().join(' + ') || '-');
  return [...counts.map(String), ...money];
}

function sectionsOf(workbench: Workbench): Section[] {
  return [
    productSection(workbench),
    optionSection(workbench),
    savingSection(workbench),
    unrecognizedSection(workbench),
    renewalSection(workbench),
    candidateSection(workbench),
    ...groupWords.map(({ key, label }) => groupSection(label, workbench.groups[key])),
  ];
}

function productSection({ profiles }: Workbench): Section {
  return {
    title: 'Products',
    columns: [...left('PROFILE', 'PRODUCT', 'COMPLIANCE'), ...right('OWNED', 'USED', 'AVAILABLE', 'NEEDED')],
    rows: profiles.flatMap(({ name, report }) =>
      (report.position.products ?? []).map(({ product, compliance, owned, used, available, needed }) => [name, clip(product), compliance, ...[owned, used, available, needed].map(String)]),
    ),
  };
}

function optionSection(workbench: Workbench): Section {
  const rows = listModels(workbench).flatMap(({ profile, model }) =>
    (model.position.remediationOptions ?? []).map((option) => {
      const amount = option.money === undefined ? '-' : `${isCost(option) ? 'costs' : 'saves'} ${formatMoney(option.money)}`;
      // What is compliant has nothing to resolve: `no` would read as if the option failed.
      const resolves = model.position.compliance === 'Compliant' ? '-' : option.resolves ? 'yes' : 'no';
      return [profile, model.model, actionWords[option.action], String(option.quantity), resolves, amount];
    }),
  );
  return { title: 'Remediation options', columns: [...left('PROFILE', 'MODEL', 'OPTION'), ...right('QUANTITY'), ...left('RESOLVES'), ...right('A-YEAR')], rows };
}

/** Freed is realised, at renewal and forgone together; potential stands for itself (C21, D9). */
function savingSection({ sum }: Workbench): Section {
  const rows = sum.money.filter(hasSavings).map((money) => [
    money.currency,
    ...savingWords.map(({ key }) => joinMoney([money], key)),
    joinMoney([money], 'realisedToDate'),
  ]);
  return {
    title: 'Savings in a year; freed = realised + at renewal + forgone; to date = what the realised have saved so far',
    columns: [...left('CURRENCY'), ...right('POTENTIAL', 'FREED', 'REALISED', 'AT-RENEWAL', 'FORGONE', 'TO-DATE')],
    rows,
  };
}

function unrecognizedSection(workbench: Workbench): Section {
  const rows = listUnrecognized(workbench).map((line) => [line.profile, clip(line.identifier), clip(line.name ?? '-'), clip(line.roleGroup), String(line.subscriptions), clip(line.reason)]);
  return {
    title: 'Unrecognised identifiers, which are in none of the other figures',
    columns: [...left('PROFILE', 'IDENTIFIER', 'NAME', 'ROLE-GROUP'), ...right('SUBSCRIPTIONS'), ...left('REASON')],
    rows,
  };
}

function renewalSection(workbench: Workbench): Section {
  const rows = listRenewals(workbench).map((contract) => [
    contract.name,
    contract.model,
    contract.end,
    orNone(contract.noticeDate),
    contract.renewedBy === undefined ? (contract.renewalDue ? 'yes' : 'no') : `renewed by ${contract.renewedBy}`,
    orNone(contract.daysToRenewal),
    String(contract.rights),
    orNone(contract.suggestedRights),
    formatMoney({ amountMinor: contract.annualCostMinor, currency: contract.price.currency }),
  ]);
  return { title: 'Renewals', columns: [...left('CONTRACT', 'MODEL', 'ENDS', 'NOTICE', 'DUE'), ...right('DAYS', 'RIGHTS', 'SUGGESTED', 'ANNUAL-COST')], rows };
}

function candidateSection({ candidates }: Workbench): Section {
  const states = [...new Set(candidates.map(stateOf))].sort();
  const rows = states.map((state) => [clip(state), String(candidates.filter((candidate) => stateOf(candidate) === state).length)]);
  return { title: 'Removal candidates', columns: [...left('STATE'), ...right('CANDIDATES')], rows };
}

function groupSection(label: string, groups: readonly PositionGroup[]): Section {
  const hasOwned = groups.some(({ owned }) => owned !== undefined);
  const more = groups.length - maxGroupLines;
  return {
    title: `By ${label.toLowerCase()}${more > 0 ? ` (first ${String(maxGroupLines)} of ${String(groups.length)})` : ''}`,
    columns: [...left('NAME'), ...right(...(hasOwned ? ['OWNED'] : []), 'USED', 'UNUSED', 'ANNUAL-COST')],
    rows: (more > 0 ? [...groups.slice(0, maxGroupLines), sumOthers(groups.slice(maxGroupLines))] : groups).map(({ name, owned, used, unused, costs }) => [
      clip(name),
      ...(hasOwned ? [orNone(owned)] : []),
      String(used),
      String(unused),
      (costs ?? []).map((cost) => formatMoney({ amountMinor: cost.annualCost, currency: cost.currency })).join(' + ') || '-',
    ]),
  };
}
