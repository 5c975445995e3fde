import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorized, openConsentScene, type ConsentScene } from '../integration/consent-scene.ts';
import { conditionOf, isSettled } from '../integration/story.ts';
import { launchBrowser } from './chromium.ts';

const pictures = process.env['SCREENSHOTS'];

/** A person with a browser: PagerDuty's consent page, and every page that the operator answers with. */
describe('consent in Chromium', () => {
  let scene: ConsentScene;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const troubles: string[] = [];

  beforeAll(async () => {
    [scene, browser] = await Promise.all([openConsentScene('browser'), launchBrowser()]);
    context = await browser.newContext({ viewport: { width: 900, height: 620 } });
    page = await context.newPage();
    page.on('console', (message) => troubles.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith('http://127.0.0.1') && !request.url().startsWith('data:')) troubles.push(request.url());
    });
    if (pictures !== undefined) await mkdir(pictures, { recursive: true });
    await scene.story.apply(scene.secret(), scene.alias(), scene.profile());
  });

  afterAll(async () => {
    await browser.close();
    await scene.close();
  });

  async function photograph(name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  async function openConsent(unlike = ''): Promise<string> {
    const url = await scene.url('pagerduty', unlike);
    await page.goto(url);
    return url;
  }

  const said = async (): Promise<string> => page.locator('main').innerText();

  it('S59, S62: the address opens the consent page of PagerDuty, which names the app and the scopes', async () => {
    await openConsent();
    expect(await said()).toContain('oncalls.read');
    expect(await said()).not.toContain('users.write');
    await photograph('consent');
  });

  it('S62: Deny ends on a page that says so, with an alert for those who cannot see it', async () => {
    await page.getByRole('button', { name: 'Deny' }).click();
    expect(await page.getByRole('heading').innerText()).toBe('Consent denied');
    expect(await page.getByRole('alert').innerText()).toContain('nothing was changed');
    await photograph('denied');
  });

  it('an old address says that it has expired', async () => {
    await page.goBack();
    await page.getByLabel('Sign in as').fill(scene.person('admin'));
    await page.getByRole('button', { name: 'Submit Consent' }).click();
    expect(await page.getByRole('heading').innerText()).toMatch(/This link (was used already|has expired)/);
    await photograph('replayed');
  });

  it('S61: the wrong account is named, and so is the right one', async () => {
    await openConsent();
    await page.getByLabel('Account').selectOption('globex');
    await page.getByLabel('Sign in as').fill(await page.locator('datalist option', { hasText: 'globex' }).first().getAttribute('value') ?? '');
    await page.getByRole('button', { name: 'Submit Consent' }).click();
    expect(await page.getByRole('heading').innerText()).toBe('Wrong account');
    expect(await said()).toContain('acme (US)');
    await photograph('wrong-account');
  });

  it('S62, S63: consent ends on a page that says all is well, and the profile is published by itself', async () => {
    await scene.story.untilAlias((alias) => alias.status?.authorization?.state === 'Refused' && alias.status.authorization.url !== undefined, 'a new URL');
    await openConsent();
    await page.getByLabel('Sign in as').fill(scene.person('admin'));
    await page.getByRole('button', { name: 'Submit Consent' }).click();
    expect(await page.getByRole('heading').innerText()).toBe('Authorized');
    await photograph('authorized');
    await page.emulateMedia({ colorScheme: 'dark' });
    await photograph('authorized-dark');
    await page.setViewportSize({ width: 375, height: 640 });
    await photograph('authorized-phone');
    await scene.story.untilAlias(authorized, 'authorized');
    const profile = await scene.story.untilProfile(isSettled, 'published and refreshed');
    expect(conditionOf(profile, 'Ready')).toMatch(/^True/);
  });

  it('a reload afterwards says that the link was used, and that all is well', async () => {
    await page.reload();
    expect(await said()).toContain('all is well');
  });

  it('a state that nobody knows gets a page that tells where to begin', async () => {
    await page.goto(`${scene.redirectUrl}?state=made-up&code=made-up`);
    expect(await page.getByRole('heading').innerText()).toBe('This link is not known');
    await photograph('unknown');
  });

  it('loads nothing from anywhere else, and the browser has nothing to complain about', () => {
    // Chromium itself tells of every answer that is no success.
    expect(troubles.filter((text) => !text.includes('the server responded with a status of'))).toEqual([]);
  });
});
