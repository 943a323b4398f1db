import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '@darkroom/core/job/job';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cut, openCut } from '../support/cut.ts';
import { type DeploymentUser, useSharedDeployment } from '../support/deployment.ts';
import { shared } from '../support/shared-object.ts';
import { locateBrowser, openBrowser } from './browser.ts';

const found = await locateBrowser();
/** As it lies in the package. */
const library = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@supabase/supabase-js/package.json')),
  'dist/umd/supabase.js',
);

/** What the page of this test keeps. */
interface Heard {
  /** Every row of a job that came over the channel. */
  rows: Job[];
  /** The latest of each job, by channel or by reading. */
  jobs: Record<string, Job>;
  /** How often changes began to be told. */
  live: number;
}

describe.skipIf(!found)('supabase-js as it is published, in a real browser', () => {
  const deployment = useSharedDeployment();
  let browser: Browser;
  let way: Cut;
  let site: Awaited<ReturnType<typeof serveSite>>;

  beforeAll(async () => {
    [browser, site] = await Promise.all([openBrowser(found!), serveSite()]);
    way = await openCut(deployment.stack.variables.SUPABASE_URL!);
  }, 120_000);
  afterAll(async () => {
    await way?.close();
    await site?.close();
  }, 120_000);

  /** A page of somebody's that listens to this user's jobs, as docs/realtime.md has it. */
  async function listen(user: DeploymentUser, userId = user.id): Promise<Page> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.exposeFunction('getToken', () => user.token);
    await page.goto(site.url);
    await page.evaluate(
      async ({ url, key, filter }) => {
        const { supabase, getToken } = globalThis as any;
        const heard: Heard = { rows: [], jobs: {}, live: 0 };
        Object.assign(globalThis, { heard });
        const take = (job: Job) => {
          const known = heard.jobs[job.id];
          if (!known || known.version < job.version) heard.jobs[job.id] = job;
        };
        const client = supabase.createClient(url, key, { accessToken: getToken });
        await client.realtime.setAuth();
        client
          .channel('my jobs')
          .on(
            'postgres_changes',
            { event: '*', schema: 'public', table: 'image_generation_jobs', filter },
            ({ new: row }: { new: Job }) => {
              heard.rows.push(row);
              take(row);
            },
          )
          .on('system', {}, async ({ extension, status }: { extension: string; status: string }) => {
            if (extension !== 'postgres_changes' || status !== 'ok') return;
            const { data } = await client.from('image_generation_jobs').select('*').eq('managed', true);
            data?.forEach(take);
            heard.live += 1;
          })
          .subscribe();
      },
      {
        url: way.url,
        key: deployment.stack.variables.SUPABASE_PUBLISHABLE_KEY!,
        filter: `user_id=eq.${userId}`,
      },
    );
    await until(page, ({ live }) => live).toBe(1);
    return page;
  }

  const heardBy = (page: Page) => page.evaluate(() => (globalThis as unknown as { heard: Heard }).heard);
  const until = (page: Page, what: (heard: Heard) => unknown) =>
    expect.poll(async () => what(await heardBy(page)), { timeout: 40_000 });
  const versionsOf = ({ id, version }: Job) => ({ id, version, all: upTo(version) });
  const heardOf = (id: string) => (heard: Heard) => {
    const versions = heard.rows.filter((row) => row.id === id).map(({ version }) => version);
    return { id, version: heard.jobs[id]?.version, all: versions };
  };

  it('hears every version of its user’s jobs, and nothing of anybody else', async () => {
    const [ada, boris] = [await deployment.user('ada'), await deployment.user('boris')];
    const [own, foreign] = [await listen(ada), await listen(boris, ada.id)];
    const [{ id }, his] = [await ada.submit({ prompt: 'a fox' }), await boris.submit({ prompt: 'an owl' })];
    const [{ job }] = await Promise.all([ada.ended(id), boris.ended(his.id)]);
    await until(own, heardOf(id)).toEqual(versionsOf(job));
    const { rows, jobs } = await heardBy(own);
    expect(Object.keys(jobs)).toEqual([id]);
    expect(shared(rows.at(-1)!)).toEqual(shared(job));
    expect((await heardBy(foreign)).rows).toEqual([]);
    await Promise.all([own, foreign].map((page) => page.context().close()));
  });

  it('catches up after 10 seconds offline, and hears what follows', { tags: ['slow'] }, async () => {
    const ada = await deployment.user('ada');
    const page = await listen(ada);
    const before = await ada.submit({ prompt: 'a fox [latency: 1s]' });
    await until(page, ({ jobs }) => jobs[before.id]?.status).toBe('processing');

    // The browser's own switch leaves open sockets alone.
    await page.context().setOffline(true);
    way.cut();
    const [missed] = await Promise.all([ada.submit({ prompt: 'an owl' }), sleep(10_000)]);
    const ended = await Promise.all([before, missed].map(async ({ id }) => (await ada.ended(id)).job));
    const away = await heardBy(page);
    expect(away.jobs).not.toHaveProperty(missed.id);
    expect(away.jobs[before.id]!.status).toBe('processing');
    way.mend();
    await page.context().setOffline(false);

    const latest = (heard: Heard) => ended.map(({ id }) => heard.jobs[id]?.version);
    await until(page, latest).toEqual(ended.map(({ version }) => version));
    const { jobs } = await heardBy(page);
    for (const job of ended) expect(shared(jobs[job.id]!)).toEqual(shared(job));
    const { id } = await ada.submit({ prompt: 'a cat' });
    const { job } = await ada.ended(id);
    await until(page, heardOf(id)).toEqual(versionsOf(job));
    await page.context().close();
  });
});

const upTo = (version: number) => Array.from({ length: version }, (_, at) => at + 1);

/** A page that has the library, and nothing else. */
async function serveSite() {
  const script = await readFile(library);
  const server = createServer((request, response) => {
    if (request.url === '/supabase.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    } else {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>An app</title><script src="/supabase.js"></script>');
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
