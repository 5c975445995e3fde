import { html, type Markup } from './markup.ts';
import { drawChart } from './report-charts.ts';

/** A line over time; told from the others by colour, dashes and the shape of its points. */
export interface Series {
  readonly label: string;
  readonly style: keyof typeof lineStyles;
  readonly values: readonly number[];
}

const lineStyles = {
  owned: { colour: 'var(--ink)', dashes: '', shape: 'M-4-4h8v8h-8z' },
  used: { colour: '#0072B2', dashes: '9 4', shape: 'M0-5 5 4H-5z' },
  active: { colour: '#009E73', dashes: '', shape: 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z' },
  unused: { colour: '#D55E00', dashes: '2 4', shape: 'M0-5.5 5.5 0 0 5.5-5.5 0z' },
} as const;

const [top, bottom] = [18, 188];
/** Room at both sides, in percent, so that no point is cut. */
const [left, right] = [3, 97];

export interface TrendWords {
  readonly title: string;
  /** RFC 3339, oldest first. */
  readonly times: readonly string[];
  readonly series: readonly Series[];
  readonly write: (value: number) => string;
  /** Short text of a figure beside the axis. */
  readonly writeAxis: (value: number) => string;
}

/** Lines over time, from 0; the newest figure of each is told beside its name. */
export function drawTrend(id: string, { title, times, series, write, writeAxis }: TrendWords): Markup {
  const most = Math.max(1, ...series.flatMap(({ values }) => values));
  const step = stepFor(most);
  const limit = Math.ceil(most / step) * step;
  const y = (value: number): number => Number((bottom - ((bottom - top) * value) / limit).toFixed(2));
  const steps = Array.from({ length: Math.round(limit / step) + 1 }, (_, index) => index * step);
  const margin = marginFor(Math.max(...steps.map((value) => writeAxis(value).length)));
  const axis = steps.map((value) => html`<line class="grid" x1="0" x2="100%" y1="${y(value)}" y2="${y(value)}"/><text class="faint" x="-6" y="${y(value) + 4}" text-anchor="end">${writeAxis(value)}</text>`);
  const days = html`<text class="faint" x="0" y="${bottom + 20}">${dayText(times[0])}</text><text class="faint" x="100%" y="${bottom + 20}" text-anchor="end">${dayText(times.at(-1))}</text>`;
  const x = placeTimes(times);
  const lines = series.map(({ style, values }) => drawLine(style, values.map((value, index) => ({ x: x[index] ?? '0', y: y(value) }))));
  const description = `From ${dayText(times[0])} to ${dayText(times.at(-1))}. ${series.map(({ label, values }) => `${label}: ${values.map(write).join(', ')}`).join('. ')}.`;
  const legend = series.map(({ label, style, values }) => html`<li>${drawSample(style)}${label} <b>${write(values.at(-1) ?? 0)}</b></li>`);
  return html`<figure>${drawChart(id, bottom + 26, { title, description, margin }, [axis, days, lines])}<ul class="legend">${legend}</ul></figure>`;
}

/** Room at the left of the chart for the figures of the axis. */
function marginFor(characters: number): string {
  if (characters <= 4) return 'near';
  return characters <= 8 ? 'far' : 'farthest';
}

/** Places along the width in proportion to time; alone or all at once, they are in the middle. */
function placeTimes(times: readonly string[]): string[] {
  const moments = times.map((time) => Date.parse(time));
  const [first = 0, last = 0] = [moments[0], moments.at(-1)];
  return moments.map((moment) => `${String(Number((last > first ? left + ((right - left) * (moment - first)) / (last - first) : 50).toFixed(3)))}%`);
}

const dayText = (time = ''): string => time.slice(0, 10);

function drawLine(style: Series['style'], points: readonly { readonly x: string; readonly y: number }[]): Markup[] {
  const { colour, dashes, shape } = lineStyles[style];
  const strokes = points.slice(1).map((point, index) => {
    const from = points[index] ?? point;
    return html`<line class="line" x1="${from.x}" y1="${from.y}" x2="${point.x}" y2="${point.y}" stroke="${colour}" stroke-dasharray="${dashes === '' ? 'none' : dashes}"/>`;
  });
  const marks = points.map((point) => html`<svg x="${point.x}" y="${point.y}" overflow="visible"><path d="${shape}" fill="${colour}"/></svg>`);
  return [...strokes, ...marks];
}

function drawSample(style: Series['style']): Markup {
  const { colour, dashes, shape } = lineStyles[style];
  return html`<svg class="swatch" viewBox="-14 -7 28 14" aria-hidden="true" focusable="false"><line x1="-14" x2="14" y1="0" y2="0" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dashes === '' ? 'none' : dashes}"/><path d="${shape}" fill="${colour}"/></svg>`;
}

/** Distance of the grid's lines: 1, 2 or 5 times a power of ten, and whole, so that there are at most 5 above the ground. */
function stepFor(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / 5));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((distance) => distance * 5 >= most) ?? most;
  return Math.max(1, Math.round(step));
}
