import { randomUUID } from 'node:crypto';
import { userId } from '@darkroom/local/clerk/user-id';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** Somebody new in front of the page, signed in, with the things people do there. */
export async function signIn(
  browser: Browser,
  url: string,
  options: BrowserContextOptions & { name?: string } = {},
) {
  const { name = `p${randomUUID().slice(0, 8)}`, ...settings } = options;
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...settings });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const errors = hearErrors(page);
  await page.goto(url);
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('No images yet').waitFor();
  return { id: userId(name), name, context, errors, ...actions(page) };
}

/** What is done and looked for on one tab. */
export function actions(page: Page) {
  return {
    page,
    async generate(prompt: string, { ratio }: { ratio?: string } = {}) {
      await page.getByLabel('What should the image show?').fill(prompt);
      if (ratio) await page.getByRole('radio', { name: ratio, exact: true }).check();
      await page.getByRole('button', { name: 'Generate' }).click();
    },
    /** The card of the job with this prompt. */
    card: (prompt: string) => page.getByRole('article').filter({ hasText: prompt }),
    image: (prompt: string) => page.getByRole('article').getByRole('img', { name: prompt }),
    /** Resolves when the bar of the job shows at least so many percent. @returns what it shows */
    async progress(prompt: string, atLeast: number): Promise<number> {
      const shown = await page.waitForFunction(
        ([text, least]) => {
          const cards = [...document.querySelectorAll('article')];
          const card = cards.find((one) => one.textContent?.includes(text));
          const now = Number(card?.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow'));
          return now >= least && now;
        },
        [prompt, atLeast] as const,
      );
      return Number(await shown.jsonValue());
    },
    balance: (credits: number) => page.getByRole('link', { name: `Balance: ${credits} credits` }).waitFor(),
  };
}

/** What the page did wrong by itself; refused requests are not among it. */
function hearErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  return errors;
}

export type Visitor = Awaited<ReturnType<typeof signIn>>;
