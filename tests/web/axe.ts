import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong on the page as it is shown now, with where. */
export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = (await page.evaluate(
    `${axe}; axe.run(document, { resultTypes: ['violations'] })`,
  )) as AxeResults;
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
  );
}

/** Resolves when what was changed is on the screen: until then axe sees colours of both themes. */
export async function painted(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

/** How many pixels stick out at the right. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

export const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1_280, height: 800 } };

export type ColorScheme = 'light' | 'dark';

/** Both themes and both sizes; `otherLooks` has the remaining combinations. */
export const looks = [
  ['light', 'desktop'],
  ['dark', 'phone'],
] as const;

export const otherLooks = [
  ['light', 'phone'],
  ['dark', 'desktop'],
] as const;
