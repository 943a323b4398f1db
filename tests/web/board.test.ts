import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployment, type DeploymentUser, openDeployment } from '../support/deployment.ts';
import { locateBrowser, openBrowser } from './browser.ts';

const found = await locateBrowser();
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** For what takes a process or two. */
const within = { timeout: 20_000 };
const token = 'the-operators-token-of-this-test';
/** Where images of the pages are put for whoever wants to look; nowhere, unless it is said. */
const drafts = process.env.DRAFTS;

/** What the board's own page is known to lack: names of its small buttons, and contrast of its finest print. */
const ofTheBoard = ['button-name', 'color-contrast', 'image-redundant-alt', 'svg-img-alt'];

async function violations(page: Page, known: readonly string[] = []): Promise<string[]> {
  const { violations: wrong } = (await page.evaluate(
    `${axe}; axe.run(document, { resultTypes: ['violations'] })`,
  )) as AxeResults;
  return wrong
    .filter(({ id, impact }) => !known.includes(id) && (known.length === 0 || impact !== 'moderate'))
    .flatMap(({ id, impact, nodes }) => nodes.map(({ target }) => `${impact} ${id} ${target}`));
}

describe.skipIf(!found).each(['redis', 'postgres'] as const)('the board of the queue on %s', (queue) => {
  let deployment: Deployment;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let ada: DeploymentUser;
  const asked: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    [deployment, browser] = await Promise.all([
      openDeployment({
        queue,
        overrides: { OPERATOR_TOKEN: token, OPERATOR_ACTIONS: 'true', SHUTDOWN_GRACE: '2s' },
      }),
      openBrowser(found!),
    ]);
    context = await browser.newContext({ viewport: { width: 1_280, height: 800 } });
    context.setDefaultTimeout(20_000);
    page = await context.newPage();
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    ada = await deployment.user('ada');
  }, 120_000);
  afterAll(async () => {
    const audit = await deployment?.audit();
    await deployment?.close();
    expect(audit).toEqual([]);
  }, 120_000);

  const shoot = async (name: string) =>
    drafts && page.screenshot({ path: `${drafts}/board-${queue}-${name}.png` });
  const board = () => `${deployment.stack.api.url}/admin/queues`;
  const press = (method: string, path: string) =>
    fetch(`${board()}/api/queues/generation/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}` },
    });
  const deliveries = async (status: string): Promise<string[]> => {
    const reply = await fetch(
      `${board()}/api/queues?activeQueue=generation&status=${status}&jobsPerPage=50`,
      {
        headers: { Authorization: `Bearer ${token}` },
      },
    );
    const { queues } = (await reply.json()) as { queues: { jobs: { id: string }[] }[] };
    return queues.flatMap(({ jobs }) => jobs.map(({ id }) => id));
  };

  it('asks who is there, and then shows our queue and what is in it', async () => {
    await ada.ended((await ada.submit({ prompt: 'a fox' })).id);
    await page.goto(board());
    expect(new URL(page.url()).pathname).toBe('/admin/sign-in');
    await page.getByLabel('Token').fill('a guess');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violations(page)).toEqual([]);
    }
    await shoot('sign-in');
    complaints.length = 0; // The browser tells of the 401 that the guess met.
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('generation').first().waitFor();
    await shoot('overview');
    await page.goto(`${board()}/queue/generation?status=completed`);
    await page
      .getByText(/^#?[0-9a-f]{8}-[0-9a-f-]{27}-1$/)
      .first()
      .waitFor();
    await shoot('queue');
    expect(complaints).toEqual([]);
    expect(
      asked.filter((url) => !url.startsWith(deployment.stack.api.url) && !url.startsWith('data:')),
    ).toEqual([]);
    expect(await violations(page, ofTheBoard)).toEqual([]);
    const own = await context.cookies(board());
    expect(own).toMatchObject([{ httpOnly: true, sameSite: 'Strict', path: '/admin' }]);
  });

  it('changes neither a row nor the ledger by ringing again for a job that was refunded', async () => {
    const job = await ada.submit({ prompt: 'a whale [fault: blocked]' });
    await ada.ended(job.id);
    const state = () =>
      deployment.query(
        `select j.*, r.delivery, (select jsonb_agg(l order by l.id) from credit_ledger l where l.job_id = j.id) as ledger
         from image_generation_jobs j join job_runs r on r.job_id = j.id where j.id = $1`.replace(
          'r.attempt',
          'r.delivery',
        ),
        [job.id],
      );
    const before = await state();
    expect(before[0]!.receipt).toMatchObject({ net: 0 });
    await expect.poll(() => deliveries('completed'), within).toContain(`${job.id}-1`);
    const done = `${job.id}-1`;
    const calls = deployment.gemini.calls().length;
    expect((await press('PUT', `${done}/retry`)).status).toBeLessThan(300);
    await expect.poll(() => deliveries('completed'), within).toContain(done);
    expect(await state()).toEqual(before);
    expect(deployment.gemini.calls().length).toBe(calls);
    expect(await deployment.audit()).toEqual([]);
  });

  it('loses nothing by removing a delivery: it is delivered anew', async () => {
    expect((await press('PUT', 'pause')).status).toBe(200);
    const job = await ada.submit({ prompt: 'an owl' });
    const waiting = async () => [...(await deliveries('prioritized')), ...(await deliveries('waiting'))];
    await expect.poll(waiting, within).toContain(`${job.id}-1`);
    expect((await press('PUT', `${job.id}-1/clean`)).status).toBeLessThan(300);
    expect(await waiting()).not.toContain(`${job.id}-1`);
    // What was delivered a minute ago is asked about; a minute is not waited for here.
    const age = () =>
      deployment.query(
        `update job_runs set delivered_at = delivered_at - interval '2 minutes'
         where job_id = $1 and delivered_at is not null returning job_id`,
        [job.id],
      );
    await expect.poll(age, within).toHaveLength(1);
    expect((await press('PUT', 'resume')).status).toBe(200);
    const { job: done } = await ada.ended(job.id, 55_000);
    expect(done).toMatchObject({ status: 'completed' });
  });
});
