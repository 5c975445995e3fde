import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openAnswerScene, type AnswerScene } from './answer-scene.ts';
import { launchBrowser } from './chromium.ts';
import { findCutOff, findFaintText } from './report-probes.mjs';

const pictures = process.env['SCREENSHOTS'];
const desk = { width: 900, height: 680 };
const phone = { width: 360, height: 740 };
/** As WCAG 2 asks for at 400 % (reflow). */
const narrow = { width: 320, height: 568 };
const hostile = `"><img src=x onerror=alert(1)><b>{{keepUrl}}</b>`;

/** A person who presses a link in a notice (L5). */
describe('the page of a notice in Chromium', () => {
  let scene: AnswerScene;
  let browser: Browser;
  const pages: Page[] = [];
  const troubles: string[] = [];

  beforeAll(async () => {
    [scene, browser] = await Promise.all([openAnswerScene(), launchBrowser()]);
    if (pictures !== undefined) await mkdir(pictures, { recursive: true });
  });
  afterEach(async () => {
    await Promise.all(pages.splice(0).map(async (page) => page.context().close()));
  });
  afterAll(async () => {
    await browser.close();
    await scene.close();
  });

  async function open(url: string, options: BrowserContextOptions = { viewport: desk }): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    pages.push(page);
    const { origin } = new URL(url);
    // Chromium itself tells of every answer that is no success.
    page.on('console', (message) => void (message.text().includes('the server responded with a status of') || troubles.push(message.text())));
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('dialog', (dialog) => void (troubles.push(`a ${dialog.type()}`), dialog.dismiss()));
    page.on('request', (request) => void (request.url().startsWith(`${origin}/reclaim/answer`) || request.url() === 'data:,' || troubles.push(request.url())));
    await page.goto(url);
    return page;
  }

  async function photograph(page: Page, name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `answer-${name}.png`), fullPage: true });
  }

  const heading = async (page: Page): Promise<string> => page.getByRole('heading').innerText();
  const answerOf = async (name: string) => (await scene.read(name)).status?.answer;
  /** Until what comes of it is there. */
  const say = async (page: Page): Promise<void> => {
    await page.getByRole('button').click();
    await page.waitForURL(/\/reclaim\/answer$/u);
  };

  it('L5: opening, reloading and going back change nothing, and the page says what does', async () => {
    const { keepUrl, releaseUrl } = await scene.make('opened');
    const before = await scene.read('opened');
    const page = await open(keepUrl);
    await photograph(page, 'keep');
    expect(await heading(page)).toBe('Keep PagerDuty?');
    expect(await page.locator('main').innerText()).toContain('The button gives your answer, and only the first one counts.');
    await page.reload();
    await page.goto(releaseUrl);
    await photograph(page, 'release');
    expect(await heading(page)).toBe('Give PagerDuty back?');
    await page.goBack();
    expect(await scene.read('opened')).toEqual(before);
  });

  it('L5, C10: the button gives the answer, with the reason, to a policy that lets the form go nowhere else', async () => {
    const { keepUrl } = await scene.make('kept');
    const page = await open(keepUrl);
    await page.getByLabel('Why do you need it?').fill('On call in winter\n& <b>again</b> in spring');
    await say(page);
    await photograph(page, 'kept');
    expect(await heading(page)).toBe('Your answer is recorded');
    expect(await page.getByRole('status').innerText()).toContain('You want to keep it');
    expect(await answerOf('kept')).toMatchObject({ verdict: 'Keep', via: 'Link', reason: 'On call in winter\n& <b>again</b> in spring' });
    // The token is in no address that is left in the history or shown.
    expect(page.url()).toMatch(/\/reclaim\/answer$/);
  });

  it('keys alone are enough: to the text, to the button, and Enter; what has the focus shows it', async () => {
    const { releaseUrl } = await scene.make('keys');
    const page = await open(releaseUrl, { viewport: phone });
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('reason');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.type('I have moved on');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Yes, my account can be deleted');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await photograph(page, 'focus-phone');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/reclaim\/answer$/u);
    expect(await heading(page)).toBe('Your answer is recorded');
    expect(await answerOf('keys')).toMatchObject({ verdict: 'Release', reason: 'I have moved on' });
  });

  it('L5: a link that was used says so, however it comes back, and the first answer stays', async () => {
    const { keepUrl, releaseUrl } = await scene.make('used');
    const page = await open(keepUrl);
    await say(page);
    const first = await answerOf('used');
    for (const again of [async () => page.reload(), async () => page.goto(keepUrl), async () => page.goto(releaseUrl)]) {
      await again();
      expect(await heading(page)).toBe('This link cannot be used');
      expect(await page.getByRole('alert').innerText()).toContain('If you have answered before, that answer counts.');
      expect(await page.getByRole('button').count()).toBe(0);
    }
    await photograph(page, 'used');
    expect(await answerOf('used')).toEqual(first);
  });

  it('L5: of a page that stood open meanwhile, the button comes too late', async () => {
    const { keepUrl, releaseUrl } = await scene.make('late');
    const [early, late] = [await open(keepUrl), await open(releaseUrl)];
    await say(early);
    await say(late);
    expect(await heading(late)).toBe('This link cannot be used');
    expect((await answerOf('late'))?.verdict).toBe('Keep');
  });

  it('L5: one that has expired, or was cut on its way, says so and does nothing', async () => {
    const { keepUrl, expiredUrl } = await scene.make('expired');
    for (const url of [expiredUrl, keepUrl.slice(0, -3)]) expect(await heading(await open(url))).toBe('This link cannot be used');
    expect(await answerOf('expired')).toBeUndefined();
  });

  it('T17: before a removal it says that it cannot be undone, before a downgrade what stays', async () => {
    const { releaseUrl } = await scene.make('removed');
    expect(await (await open(releaseUrl)).locator('main').innerText()).toMatch(/will be deleted.*cannot be undone/su);
    const lesser = await scene.make('lesser', { subject: { action: 'Downgrade', downgradeTo: { role: 'read_only_user' } } });
    const page = await open(lesser.releaseUrl);
    await photograph(page, 'downgrade');
    expect(await page.locator('main').innerText()).toMatch(/stays, with a lesser role/u);
    expect(await page.getByRole('button').innerText()).toBe('Yes, I no longer need it');
  });

  it('guard 7: hostile names stay text, and the person is not shown', async () => {
    const { keepUrl } = await scene.make('hostile', { subject: { displayName: hostile, role: hostile.slice(0, 60) }, product: hostile });
    const page = await open(keepUrl);
    await photograph(page, 'hostile');
    expect(await page.locator('img, b, script, iframe').count()).toBe(0);
    expect(await heading(page)).toBe(`Keep ${hostile}?`);
    expect(await page.content()).not.toMatch(/ada@example\.com|PABC123/u);
    await say(page);
    expect(await page.locator('img, b, script, iframe').count()).toBe(0);
  });

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    it('has text of a contrast of 4.5 or more, in the question, the button and what follows', async () => {
      const links = await scene.make(`contrast-${colorScheme}`);
      const page = await open(links.keepUrl, { viewport: desk, colorScheme });
      const ground = colorScheme === 'dark' ? 'rgb(13, 17, 23)' : 'rgb(244, 245, 247)';
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(ground);
      for (const step of [async () => page.goto(links.releaseUrl), async () => say(page), async () => page.reload()]) {
        const { faint, seen } = await page.evaluate(findFaintText, 4.5);
        expect(seen).toBeGreaterThan(3);
        expect(faint).toEqual([]);
        await step();
      }
      expect((await page.evaluate(findFaintText, 4.5)).faint).toEqual([]);
    });

    it.each([phone, narrow])('fits a screen that is $width wide, with a button that a thumb hits', async (viewport) => {
      const { releaseUrl } = await scene.make(`fits-${colorScheme}-${viewport.width}`, { product: 'W'.repeat(64) });
      const page = await open(releaseUrl, { viewport, colorScheme, hasTouch: true, isMobile: true });
      await photograph(page, `release-${colorScheme}-${viewport.width}`);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
      expect((await page.evaluate(findCutOff, { boxesMayScroll: false })).cut).toEqual([]);
      expect((await page.getByRole('button').boundingBox())?.height ?? 0).toBeGreaterThanOrEqual(44);
      // Less than 16 pixels, and a phone zooms in on what is typed.
      expect(await page.evaluate("parseFloat(getComputedStyle(document.getElementById('reason')).fontSize)")).toBeGreaterThanOrEqual(16);
    });
  });

  it('loads nothing from anywhere else, and the browser has nothing to complain about', () => {
    expect(troubles).toEqual([]);
  });
});
