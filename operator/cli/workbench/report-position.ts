import type { ActivityAges, ComplianceState, PositionCounts } from '../../api/license-position.ts';
import type { Workbench } from '../../licensing/position/workbench.ts';
import { ageClasses, complianceWords, formatCount, listModels, nameModel, say, useClasses, type ModelLine } from './figures.ts';
import { html, nameOf, type Content, type Markup } from './markup.ts';
import { drawAges, drawUse } from './report-charts.ts';
import { drawTable, numbers, words } from './report-table.ts';

const marks: Readonly<Record<ComplianceState, { readonly sign: string; readonly tone: string }>> = {
  Compliant: { sign: '✓', tone: 'good' },
  NonCompliant: { sign: '✕', tone: 'bad' },
  NoEntitlement: { sign: '○', tone: '' },
};

/** Compliance in words, with a sign and a colour. */
export function drawCompliance(state: ComplianceState): Markup {
  const { sign, tone } = marks[state];
  return html`<span class="mark ${tone}"><span aria-hidden="true">${sign}</span> ${complianceWords[state]}</span>`;
}

/** A model as people know it, with its name in Kubernetes and its profile below. */
export const drawModel = ({ profile, model }: ModelLine): Markup =>
  html`${nameOf(nameModel(model))} <span class="small">${nameOf(model.model)} in ${nameOf(profile)}</span>`;

const positionColumns = [
  ...words('Model', 'Compliance'),
  ...numbers('Owned', 'Used', ...useClasses.map(({ label }) => label), 'Unused', 'Available', 'Needed'),
];

/** Rights owned against rights used (S84, L30, L31): a line and a chart for each model, then the products. */
export function drawPosition(workbench: Workbench): Markup {
  const lines = listModels(workbench);
  const table = drawTable({
    caption: 'Rights owned and used. Active, stale, never used, pending, new and unknown add up to used.',
    columns: positionColumns,
    rows: lines.map((line) => [drawModel(line), drawCompliance(line.model.position.compliance), ...countsOf(line.model.position, line.model.position.unusedPercent)]),
    foot: [['Total', drawCompliance(workbench.sum.compliance), ...countsOf(workbench.sum)]],
  });
  const charts = lines.map(
    ({ profile, model }, index) =>
      html`<figure class="use"><h3>${drawModel({ profile, model })}</h3>${drawUse(`use-${String(index + 1)}`, nameModel(model), model.position, model.position.compliance !== 'NoEntitlement')}</figure>\n`,
  );
  return html`${table}
<h3>Each model by the use of its rights</h3>
<p class="soft">The thick line marks the rights owned; a dashed frame is what is available. Each bar has a scale of its own.</p>
<div class="pair">${charts}</div>
${drawProducts(workbench)}`;
}

function countsOf(counts: PositionCounts, unusedPercent?: number): Content[] {
  const share = unusedPercent === undefined ? undefined : html` <span class="small">${unusedPercent} %</span>`;
  return [
    formatCount(counts.owned),
    formatCount(counts.used),
    ...useClasses.map(({ key }) => formatCount(counts[key])),
    html`${formatCount(counts.unused)}${share}`,
    formatCount(counts.available),
    formatCount(counts.needed),
  ];
}

/** Product level (L31, L34): rights for one licence do not cover another, so a product can lack what its models have left. */
function drawProducts({ profiles }: Workbench): Markup | undefined {
  const rows = profiles.flatMap(({ name, report }) =>
    (report.position.products ?? []).map(({ product, compliance, owned, used, available, needed }) => [
      html`${nameOf(product)} <span class="small">in ${nameOf(name)}</span>`,
      drawCompliance(compliance),
      ...[owned, used, available, needed].map(formatCount),
    ]),
  );
  if (rows.length === 0) return undefined;
  return html`<h3>Products</h3>\n${drawTable({
    caption: 'A product is not compliant when one of its models is not, or is used without any entitlement while another has one.',
    columns: [...words('Product', 'Compliance'), ...numbers('Owned', 'Used', 'Available', 'Needed')],
    rows,
  })}`;
}

/** When the rights were last used, over all models and for each (S83). */
export function drawActivity(workbench: Workbench): Markup {
  const lines = listModels(workbench);
  const total = sumAges(lines);
  return html`${drawAges('ages', total)}
${drawTable({
  caption: 'Rights used by days since the last activity, as of the time until which activity is complete. The columns add up to used.',
  columns: [...words('Model'), ...numbers(...ageClasses.map(({ label }) => label), 'Used', 'Stale after')],
  rows: lines.map((line) => {
    const { ages, used, thresholdDays } = line.model.position;
    return [drawModel(line), ...ageClasses.map(({ key }) => formatCount(ages[key])), formatCount(used), say(thresholdDays, 'day')];
  }),
  foot: [['Total', ...ageClasses.map(({ key }) => formatCount(total[key])), formatCount(workbench.sum.used), '']],
})}`;
}

function sumAges(lines: readonly ModelLine[]): ActivityAges {
  const sum: ActivityAges = { upTo30: 0, upTo60: 0, upTo90: 0, over90: 0, none: 0 };
  for (const { model } of lines) for (const { key } of ageClasses) sum[key] += model.position.ages[key];
  return sum;
}
