import type { Browser } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useSharedDeployment } from '../support/deployment.ts';
import { locateBrowser, openBrowser } from './browser.ts';
import { signIn } from './visitor.ts';

const found = await locateBrowser();

describe.skipIf(!found)('what is kept', () => {
  const deployment = useSharedDeployment();
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser(found!);
  }, 120_000);

  it('saves a prompt, changes it, uses it again, and deletes it', async () => {
    const { page, context, ...ada } = await signIn(browser, deployment.stack.web!.url);
    await page.getByLabel('What should the image show?').fill('a lantern in the snow');
    await page.getByRole('button', { name: 'Save this prompt' }).click();
    await page.getByText('Prompt saved.').waitFor({ state: 'attached' });
    await page.getByRole('navigation').getByRole('link', { name: 'Prompts' }).click();
    await page.getByRole('button', { name: /^Edit: a lantern/ }).click();
    const form = page.getByRole('form', { name: /^Change a lantern/ });
    await form.getByLabel(/^Title/).fill('Winter');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Winter' }).waitFor();
    await page.getByRole('button', { name: 'Use: Winter' }).click();
    await page.getByRole('button', { name: 'Generate' }).click();
    await ada.image('a lantern in the snow').waitFor();
    await page.getByRole('navigation').getByRole('link', { name: 'Prompts' }).click();
    await page.getByRole('button', { name: 'Delete: Winter' }).click();
    await page.getByText('No saved prompts yet.').waitFor();
    await context.close();
  });

  it('deletes an image for good once that is confirmed', async () => {
    const { page, context, ...ada } = await signIn(browser, deployment.stack.web!.url);
    await ada.generate('a sailor');
    await ada.image('a sailor').waitFor();
    await page.getByRole('navigation').getByRole('link', { name: 'Gallery' }).click();
    page.once('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'Open a sailor' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No images yet.').waitFor();
    const left = await deployment.query('select id from generated_images where user_id = $1', [ada.id]);
    expect(left).toEqual([]);
    await context.close();
  });
});
