import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useSharedDeployment } from '../support/deployment.ts';
import { type ColorScheme, looks, otherLooks, overflow, painted, sizes, violations } from './axe.ts';
import { locateBrowser, openBrowser } from './browser.ts';
import { signIn, type Visitor } from './visitor.ts';

const found = await locateBrowser();
describe.skipIf(!found)('axe finds nothing to object to', () => {
  const deployment = useSharedDeployment();
  let browser: Browser;
  let ada: Visitor;

  beforeAll(async () => {
    browser = await openBrowser(found!);
    ada = await signIn(browser, deployment.stack.web!.url);
    await ada.generate('a fox');
    await ada.generate('a whale [fault: blocked]');
    await ada.generate('an owl [latency: 300s]');
    await ada.image('a fox').waitFor();
    await ada.card('a whale').getByText('content policy').waitFor();
    await ada.progress('an owl', 10);
  }, 120_000);
  afterAll(() => ada?.context.close());

  it.each(looks)('in %s on a %s', passes);
  it.each(otherLooks)('in %s on a %s', { tags: ['slow'] }, passes);

  async function passes(colorScheme: ColorScheme, size: keyof typeof sizes) {
    const { page } = ada;
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(sizes[size]);
    await painted(page);
    expect(await violations(page), 'the studio').toEqual([]);
    expect(await overflow(page), 'nothing sticks out').toBeLessThanOrEqual(0);

    await page.getByRole('button', { name: /^Open a fox/ }).click();
    expect(await violations(page), 'the large image').toEqual([]);
    await page.keyboard.press('Escape');

    const nav = page.getByRole('navigation');
    for (const part of ['Gallery', 'Prompts', 'Ledger', 'Studio']) {
      const link = nav.getByRole('link', { name: part });
      if ((await link.count()) === 0) continue;
      await link.click();
      await page
        .getByRole('heading', { level: 1, name: part === 'Prompts' ? 'Saved prompts' : part })
        .waitFor();
      if (part === 'Gallery') await page.getByRole('button', { name: /^Open a fox/ }).waitFor();
      if (part === 'Ledger') await page.getByRole('row', { name: /^Refund/ }).waitFor();
      if (part !== 'Studio') expect(await violations(page), part).toEqual([]);
    }
  }

  it('on the page before signing in', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme });
      await page.goto(deployment.stack.web!.url);
      await page.getByLabel('Your name').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.close();
    }
  });
});
