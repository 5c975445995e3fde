import type { ActivityAges, MoneyFigures, PositionCounts } from '../../api/license-position.ts';
import { formatMoney } from '../../licensing/position/amounts.ts';
import { ageClasses, formatCount, useClasses } from './figures.ts';
import { html, type Content, type Markup } from './markup.ts';

/**
 * Charts are drawn in percent of their width and pixels of height: they fit a phone and a page of paper, and their text
 * keeps its size. Each has a title and a description that tell all its figures.
 */

/** Ways to fill a shape: a colour of Okabe and Ito, and strokes that tell it from the others without colour. */
const fills = {
  green: { colour: '#009E73', strokes: '' },
  orange: { colour: '#E69F00', strokes: 'M-2 2 2-2M0 8 8 0M6 10 10 6' },
  vermilion: { colour: '#D55E00', strokes: 'M0 0 8 8M8 0 0 8' },
  purple: { colour: '#CC79A7', strokes: 'M3 4h2' },
  sky: { colour: '#56B4E9', strokes: 'M0 2h8M0 6h8' },
  grey: { colour: '#BBBBBB', strokes: 'M2 0v8M6 0v8' },
  blue: { colour: '#0072B2', strokes: '' },
} as const;
export type Fill = keyof typeof fills;

const fillOf = (fill: Fill): string => (fills[fill].strokes === '' ? fills[fill].colour : `url(#fill-${fill})`);

/** The fills, to stand once in a page. */
export function drawFills(): Markup {
  const patterned = Object.entries(fills).filter(([, { strokes }]) => strokes !== '');
  const patterns = patterned.map(
    ([name, { colour, strokes }]) =>
      html`<pattern id="fill-${name}" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="${colour}"/><path d="${strokes}" stroke="#1c2128" stroke-width="${name === 'purple' ? 2 : 1.1}"/></pattern>`,
  );
  return html`<svg class="defs" aria-hidden="true" focusable="false"><defs>${patterns}</defs></svg>`;
}

export const useFills = { active: 'green', stale: 'orange', neverUsed: 'vermilion', pending: 'purple', recent: 'sky', unknown: 'grey' } as const satisfies Record<string, Fill>;

export interface Part {
  readonly label: string;
  readonly value: number;
  readonly fill: Fill;
}

/** A length in percent of the width. */
export const percent = (value: number, whole: number): string => `${String(Number(((value * 100) / whole).toFixed(3)))}%`;

export interface ChartWords {
  readonly title: string;
  readonly description: string;
  /** Name of the room at the left for figures of an axis, which the style knows. */
  readonly margin?: string;
}

/** The frame of a chart, which tells those who do not see it what it shows. */
export function drawChart(id: string, height: number, says: ChartWords, shapes: Content): Markup {
  return html`<svg class="chart${says.margin === undefined ? '' : ` ${says.margin}`}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-text"><title id="${id}-title">${says.title}</title><desc id="${id}-text">${says.description}</desc>${shapes}</svg>`;
}

/** Parts side by side from the left; those of 0 are left out. */
function drawParts(parts: readonly Part[], whole: number, y: number, height: number): Markup[] {
  let before = 0;
  return parts
    .filter(({ value }) => value > 0)
    .map(({ label, value, fill }) => {
      const x = before;
      before += value;
      return html`<rect class="part" data-part="${label}" x="${percent(x, whole)}" y="${y}" width="${percent(value, whole)}" height="${height}" fill="${fillOf(fill)}"/>`;
    });
}

export const partsOf = (counts: Pick<PositionCounts, keyof typeof useFills>): Part[] => useClasses.map(({ key, label }) => ({ label, value: counts[key], fill: useFills[key] }));

const tell = (parts: readonly Part[], write: (value: number) => string): string => parts.map(({ label, value }) => `${label} ${write(value)}`).join(', ');

/** Rights used, by what their use is, against a mark at the rights owned (S84). The longer of the two is as long as the chart. */
export function drawUse(id: string, name: string, counts: PositionCounts, hasEntitlement: boolean): Markup {
  const whole = Math.max(counts.owned, counts.used);
  if (whole === 0) return html`<p class="soft">Nothing is owned and nothing is used.</p>`;
  const parts = partsOf(counts);
  const isRight = counts.owned * 2 > whole;
  const mark = html`<line class="owned" x1="${percent(counts.owned, whole)}" x2="${percent(counts.owned, whole)}" y1="14" y2="46"/><text x="${percent(counts.owned, whole)}" y="10" text-anchor="${isRight ? 'end' : 'start'}">owned ${formatCount(counts.owned)}</text>`;
  const free = counts.available > 0 ? html`<rect class="free" data-part="Available" x="${percent(counts.used, whole)}" y="18.5" width="${percent(counts.available, whole)}" height="23"/>` : undefined;
  const description = `${formatCount(counts.owned)} owned, ${formatCount(counts.used)} used: ${tell(parts, formatCount)}. ${formatCount(counts.available)} available, ${formatCount(counts.needed)} needed.`;
  return html`${drawChart(id, 48, { title: `Rights owned and used: ${name}`, description }, [free, drawParts(parts, whole, 18, 24), hasEntitlement ? mark : undefined])}${drawLegend(parts, formatCount)}`;
}

/** Names, patterns and figures of the parts that are there. */
export function drawLegend(parts: readonly Part[], write: (value: number) => string): Markup {
  const items = parts.filter(({ value }) => value > 0).map(({ label, value, fill }) => html`<li>${drawSwatch(fill)}${label} <b>${write(value)}</b></li>`);
  return html`<ul class="legend">${items}</ul>`;
}

const drawSwatch = (fill: Fill): Markup => html`<svg class="swatch" aria-hidden="true" focusable="false"><rect width="100%" height="100%" fill="${fillOf(fill)}"/></svg>`;

/** Persons by days since their last activity: a column each, as high as the largest lets it be. */
export function drawAges(id: string, ages: ActivityAges): Markup {
  const most = Math.max(1, ...ageClasses.map(({ key }) => ages[key]));
  const [top, bottom] = [20, 150];
  const columns = ageClasses.map(({ key, label }, index) => {
    const height = Number((((bottom - top) * ages[key]) / most).toFixed(2));
    const middle = `${String(10 + 20 * index)}%`;
    const fill = fillOf(key === 'none' ? 'grey' : 'blue');
    return html`<rect data-part="${label}" x="${4 + 20 * index}%" y="${bottom - height}" width="12%" height="${height}" fill="${fill}"/><text x="${middle}" y="${bottom - height - 6}" text-anchor="middle">${formatCount(ages[key])}</text><text class="faint" x="${middle}" y="${bottom + 18}" text-anchor="middle">${label.replace(' days', '')}</text>`;
  });
  const description = `${ageClasses.map(({ key, label }) => `${label}: ${formatCount(ages[key])}`).join(', ')}.`;
  const axis = html`<line class="frame" x1="0" x2="100%" y1="${bottom + 0.5}" y2="${bottom + 0.5}"/>`;
  return html`<figure>${drawChart(id, bottom + 24, { title: 'Persons by days since their last activity', description }, [axis, columns])}<figcaption class="soft">Days since the last activity, and how many rights</figcaption></figure>`;
}

/** What is potential, and of what is freed the three parts that add up to it (C21, D9). Both bars have the same scale. */
export function drawSavings(id: string, money: MoneyFigures): Markup {
  const { currency, potentialSavings = 0, freedSavings = 0, realisedSavings = 0, atRenewalSavings = 0, forgoneSavings = 0 } = money;
  const write = (amountMinor: number): string => formatMoney({ amountMinor, currency });
  const whole = Math.max(1, potentialSavings, freedSavings);
  const potential: Part[] = [{ label: 'Potential', value: potentialSavings, fill: 'sky' }];
  const freed: Part[] = [
    { label: 'Realised', value: realisedSavings, fill: 'green' },
    { label: 'At renewal', value: atRenewalSavings, fill: 'orange' },
    { label: 'Forgone', value: forgoneSavings, fill: 'grey' },
  ];
  const shapes = [
    html`<text x="0" y="12">Potential ${write(potentialSavings)}</text>`,
    drawParts(potential, whole, 18, 22),
    html`<text x="0" y="62">Freed ${write(freedSavings)}</text>`,
    drawParts(freed, whole, 68, 22),
  ];
  const description = `A year's savings. Potential ${write(potentialSavings)}. Freed ${write(freedSavings)}, which is the sum of ${tell(freed, write)}.`;
  return html`<figure>${drawChart(id, 92, { title: `Savings in ${currency}`, description }, shapes)}${drawLegend(freed, write)}</figure>`;
}

/** Used and of it unused, as a bar in a line of a table that tells both: nothing to read to those who do not see it. */
export function drawShare(used: number, unused: number, most: number): Markup {
  const parts: Part[] = [
    { label: 'In use', value: used - unused, fill: 'green' },
    { label: 'Unused', value: unused, fill: 'orange' },
  ];
  return html`<svg class="chart" height="14" aria-hidden="true" focusable="false">${drawParts(parts, Math.max(1, most), 1, 12)}</svg>`;
}
