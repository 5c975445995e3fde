import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { renderHtml } from '../../operator/cli/workbench/render-html.ts';
import type { Workbench } from '../../operator/licensing/position/workbench.ts';
import { aFullWorkbench, aHostileWorkbench, anEmptyWorkbench } from '../support/workbench-scenes.ts';
import { launchBrowser } from './chromium.ts';
import { findCutOff, findFaintText, readCharts, readPatterns, readTable } from './report-probes.mjs';

const pictures = process.env['SCREENSHOTS'];
const scenes = { full: aFullWorkbench(), hostile: aHostileWorkbench(), empty: anEmptyWorkbench() };
type Scene = keyof typeof scenes;
const everyScene = Object.keys(scenes) as Scene[];

/** What fits on a landscape page of A4, and of Letter, in pixels of CSS, with margins of 12 mm. */
const papers = [
  { name: 'A4', width: 1032 },
  { name: 'Letter', width: 965 },
];

/** The report as a person opens it: a file on a disk, in a browser. */
describe('the report of the workbench in Chromium', () => {
  let browser: Browser;
  let folder: string;
  const troubles: string[] = [];
  const pages: Page[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    folder = await mkdtemp(join(tmpdir(), 'workbench-'));
    for (const scene of everyScene) await writeFile(join(folder, `${scene}.html`), renderHtml(scenes[scene] satisfies Workbench));
    if (pictures !== undefined) await mkdir(pictures, { recursive: true });
  });

  afterEach(async () => {
    await Promise.all(pages.splice(0).map(async (page) => page.context().close()));
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  async function open(scene: Scene, options: BrowserContextOptions): Promise<Page> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    pages.push(page);
    const url = pathToFileURL(join(folder, `${scene}.html`)).href;
    page.on('console', (message) => troubles.push(`${scene} said: ${message.text()}`));
    page.on('pageerror', (error) => troubles.push(`${scene} failed: ${error.message}`));
    page.on('dialog', (dialog) => {
      troubles.push(`${scene} opened a ${dialog.type()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (request.url() !== url && request.url() !== 'data:,') troubles.push(`${scene} asked for ${request.url()}`);
    });
    await page.goto(url);
    return page;
  }

  async function photograph(page: Page, name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }

  const desk = { width: 1200, height: 900 };
  const phone = { width: 360, height: 740 };

  it.each(everyScene)('S83: opens without a complaint, and loads nothing but itself: %s', async (scene) => {
    troubles.length = 0;
    const page = await open(scene, { viewport: desk });
    await photograph(page, `workbench-${scene}`);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Licence workbench');
    expect(await page.locator('script, img, iframe, object').count()).toBe(0);
    // The policy did not refuse the page's own style.
    expect(await page.evaluate("getComputedStyle(document.querySelector('section')).borderTopStyle")).toBe('solid');
    expect(troubles).toEqual([]);
  });

  it.each(everyScene)('fits a phone without scrolling the page sideways; tables scroll in their own boxes: %s', async (scene) => {
    const page = await open(scene, { viewport: phone });
    await photograph(page, `workbench-${scene}-phone`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(phone.width);
    const { cut, seen } = await page.evaluate(findCutOff, { boxesMayScroll: true });
    expect(seen).toBeGreaterThan(scene === 'empty' ? 10 : 50);
    expect(cut).toEqual([]);
    // Who has only keys can scroll a box too.
    expect(await page.locator('.box:not([tabindex="0"])').count()).toBe(0);
  });

  it.each(papers.flatMap((paper) => everyScene.map((scene) => ({ ...paper, scene }))))('is cut off nowhere on $name paper: $scene', async ({ name, width, scene }) => {
    const page = await open(scene, { viewport: { width, height: 700 } });
    await page.emulateMedia({ media: 'print' });
    await photograph(page, `workbench-${scene}-${name}`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect((await page.evaluate(findCutOff, { boxesMayScroll: false })).cut).toEqual([]);
  });

  it.each([
    { colorScheme: 'light', media: 'screen' },
    { colorScheme: 'dark', media: 'screen' },
    { colorScheme: 'dark', media: 'print' },
  ] as const)('has text of a contrast of 4.5 or more: $colorScheme, $media', async (media) => {
    const page = await open('full', { viewport: desk });
    await page.emulateMedia(media);
    await photograph(page, `workbench-${media.colorScheme}-${media.media}`);
    const { faint, seen } = await page.evaluate(findFaintText, 4.5);
    expect(seen).toBeGreaterThan(300);
    expect(faint).toEqual([]);
  });

  it('is dark where the person wants it dark, and white on paper', async () => {
    const page = await open('full', { viewport: desk, colorScheme: 'dark' });
    const ground = async (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(await ground()).toBe('rgb(13, 17, 23)');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await ground()).toBe('rgb(255, 255, 255)');
  });

  it('S84: draws the bars of each model as long as the figures of the table say', async () => {
    const page = await open('full', { viewport: desk });
    const table = await page.evaluate(readTable, '#position table');
    const charts = await page.evaluate(readCharts, '#position svg.chart');
    expect(charts).toHaveLength(4);
    const kinds = ['Active', 'Stale', 'Never used', 'Pending', 'New', 'Unknown', 'Available'];
    charts.forEach((chart, index) => {
      const row = table[index] ?? {};
      const whole = Math.max(Number(row['Owned']), Number(row['Used']));
      for (const kind of kinds) expect(chart.widths[kind] ?? 0, `${chart.title}: ${kind}`).toBeCloseTo(Number(row[kind]) / whole, 2);
      const owned = row['Compliance']?.includes('No entitlement') === true ? undefined : Number(row['Owned']) / whole;
      if (owned === undefined) expect(chart.mark).toBeUndefined();
      else expect(chart.mark).toBeCloseTo(owned, 2);
    });
  });

  it('S83: draws the columns of the activity as high as the total of the table says', async () => {
    const page = await open('full', { viewport: desk });
    const total = (await page.evaluate(readTable, '#activity table')).at(-1) ?? {};
    const [chart] = await page.evaluate(readCharts, '#activity svg.chart');
    const ages = ['0–30 days', '30–60 days', '60–90 days', '90+ days', 'None seen'];
    const most = Math.max(...ages.map((age) => Number(total[age])));
    const tallest = Math.max(...ages.map((age) => chart?.heights[age] ?? 0));
    for (const age of ages) expect((chart?.heights[age] ?? 0) / tallest, age).toBeCloseTo(Number(total[age]) / most, 2);
    expect(ages.reduce((sum, age) => sum + Number(total[age]), 0)).toBe(Number(total['Used']));
  });

  it('C21: draws the parts of the freed savings so that they are as long as the freed, beside the potential', async () => {
    const page = await open('full', { viewport: desk });
    const rows = await page.evaluate(readTable, '#savings table');
    const charts = await page.evaluate(readCharts, '#savings svg.chart');
    expect(charts.map(({ title }) => title)).toEqual(['Savings in EUR', 'Savings in USD']);
    const amount = (text = ''): number => Number(text.replaceAll(/[^\d.]/g, ''));
    charts.forEach(({ widths }, index) => {
      const row = rows[index] ?? {};
      const whole = Math.max(amount(row['Potential']), amount(row['Freed']));
      for (const kind of ['Potential', 'Realised', 'At renewal', 'Forgone']) expect(widths[kind] ?? 0, kind).toBeCloseTo(amount(row[kind]) / whole, 2);
      expect((widths['Realised'] ?? 0) + (widths['At renewal'] ?? 0) + (widths['Forgone'] ?? 0)).toBeCloseTo(amount(row['Freed']) / whole, 2);
    });
  });

  it('tells the parts of a bar apart without colour: no two have the same pattern', async () => {
    const page = await open('full', { viewport: desk });
    const strokes = await page.evaluate(readPatterns, 'svg[aria-labelledby^="use-1-"] rect.part');
    expect(strokes).toHaveLength(6);
    expect(new Set(strokes).size).toBe(6);
  });
});
