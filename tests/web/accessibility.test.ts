/// <reference lib="dom" />
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { System } from '../e2e/system.ts';
import { locateBrowser, openBrowser } from './browser.ts';
import { openPage } from './open-page.ts';
import { type Person, sitDown } from './person.ts';

const found = await locateBrowser();
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong on the page as it is shown now, with where. */
async function violations(page: Page): Promise<string[]> {
  const { violations: found } = (await page.evaluate(
    `${axe}; axe.run(document, { resultTypes: ['violations'] })`,
  )) as AxeResults;
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
  );
}

/** Resolves when what was changed is on the screen: until then axe sees colours of both themes. */
async function painted(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

describe.skipIf(!found)('axe finds nothing to object to', () => {
  let system: System;
  let browser: Browser;
  let ada: Person;

  beforeAll(async () => {
    [system, browser] = await Promise.all([openPage(), openBrowser(found!)]);
    ada = await sitDown(browser, system.stack.web!.url);
    await ada.develop('a fox');
    await ada.develop('a whale [fault: blocked]');
    await ada.develop('an owl [latency: 300s]');
    await ada.picture('a fox').waitFor();
    await ada.frame('a whale').getByText('content policy').waitFor();
    await ada.progress('an owl', 10);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await system?.close();
  }, 120_000);

  const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1_280, height: 800 } };

  it.each([
    ['light', 'phone'],
    ['light', 'desktop'],
    ['dark', 'phone'],
    ['dark', 'desktop'],
  ] as const)('in %s on a %s', async (colorScheme, size) => {
    const { page } = ada;
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(sizes[size]);
    await painted(page);
    expect(await violations(page), 'the studio').toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow, 'nothing sticks out').toBeLessThanOrEqual(0);

    await page.getByRole('button', { name: /^Open a fox/ }).click();
    expect(await violations(page), 'the large picture').toEqual([]);
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
  });

  it('on the page for whoever is not signed in', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme });
      await page.goto(system.stack.web!.url);
      await page.getByLabel('Your name').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.close();
    }
  });
});
