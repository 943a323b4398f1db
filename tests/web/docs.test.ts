import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useSharedDeployment } from '../support/deployment.ts';
import { type ColorScheme, looks, otherLooks, overflow, sizes, violations } from './axe.ts';
import { locateBrowser, openBrowser } from './browser.ts';

const found = await locateBrowser();
/** Where to leave images of it, for whoever wants to look. */
const drafts = process.env.DRAFTS;

describe.skipIf(!found)('the page of the contract', () => {
  const deployment = useSharedDeployment();
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser(found!);
  }, 120_000);

  async function open(colorScheme: ColorScheme, size: keyof typeof sizes) {
    const page = await browser.newPage({ colorScheme, viewport: sizes[size] });
    const asked: string[] = [];
    const wrong: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('requestfailed', (request) => wrong.push(`${request.url()} failed`));
    page.on('response', (response) => response.ok() || wrong.push(`${response.url()} ${response.status()}`));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    await page.goto(`${deployment.stack.api.url}/docs`);
    return { page, asked, wrong };
  }

  it.each(looks)('passes axe in %s on a %s, and requests nothing else', passes);
  it.each(otherLooks)('passes axe in %s on a %s, and requests nothing else', { tags: ['slow'] }, passes);

  async function passes(...look: [ColorScheme, keyof typeof sizes]) {
    const { page, asked, wrong } = await open(...look);
    await shoot(page, `${look.join('-')}-top`);
    expect(await violations(page), 'as it is opened').toEqual([]);
    expect(await overflow(page), 'nothing sticks out').toBeLessThanOrEqual(0);
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    expect(await violations(page), 'with all of it unfolded').toEqual([]);
    expect(await overflow(page), 'nothing sticks out, unfolded').toBeLessThanOrEqual(0);
    await page.locator('#createJob').scrollIntoViewIfNeeded();
    await shoot(page, `${look.join('-')}-call`);
    expect(wrong).toEqual([]);
    expect(asked).toEqual([`${deployment.stack.api.url}/docs`]);
    await page.close();
  }

  it('leads from its list to each call and object, and has all of them', async () => {
    const { page } = await open('light', 'desktop');
    const targets = await page.evaluate(() =>
      [...document.querySelectorAll('a[href^="#"]')].map((link) => link.getAttribute('href')!.slice(1)),
    );
    const missing = await page.evaluate((ids) => ids.filter((id) => !document.getElementById(id)), targets);
    expect(missing).toEqual([]);
    for (const id of ['createJob', 'job.completed', 'Job']) {
      await page.locator(`nav a[href="#${id}"]`).click();
      await page.waitForFunction((name) => {
        const { top } = document.getElementById(name)!.getBoundingClientRect();
        return top >= -1 && top < innerHeight / 2;
      }, id);
    }
    await page.close();
  });

  async function shoot(page: Page, name: string): Promise<void> {
    if (drafts) await page.screenshot({ path: `${drafts}/docs-${name}.png` });
  }
});
