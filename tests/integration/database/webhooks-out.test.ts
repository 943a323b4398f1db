import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Rules, useRules } from './rules.ts';

const rules = useRules();
let ada: string;

beforeEach(async () => {
  ada = await rules.user();
  await rules.query('delete from webhook_deliveries');
});

const all = ['job.processing', 'job.completed', 'job.failed', 'job.canceled'];

/** Makes a job that tells `url` of `events`. */
async function submit({
  url = 'https://hooks.test/a',
  events = all,
  key = randomUUID() as string,
  user = ada,
} = {}) {
  const accepted = await rules.value(
    'select create_job($2, $3, 3, $4, $5, p_max_active_jobs => 100, p_webhook => $1)',
    [
      JSON.stringify({ url, events }),
      user,
      JSON.stringify({ prompt: 'a cat', model_requested: 'primary', fallback: true }),
      key,
      'hash',
    ],
  );
  return accepted.job.id as string;
}

/** Makes a delivery that is due, as a canceled job leaves it. */
async function due(url?: string): Promise<string> {
  const id = await submit({ url, events: ['job.canceled'] });
  await rules.cancel(id, ada);
  return rules.value('select id from webhook_deliveries where job_id = $1', [id]);
}

const deliveries = (jobId: string) =>
  rules.query('select * from webhook_deliveries where job_id = $1 order by created_at, type', [jobId]);
const types = async (jobId: string) => (await deliveries(jobId)).map(({ type }) => type);
const row = async (id: string) =>
  (await rules.query('select * from webhook_deliveries where id = $1', [id]))[0]!;

type Claimed = { id: string; attempt: number; tries: number; host: string; type: string; job: any }[];
const claim = (
  { limit = 100, again = 100, perHost = 100, busy = {} } = {},
  run: Rules['value'] = rules.value,
): Promise<Claimed> =>
  run('select claim_webhooks($1, $2, $3, $4)', [limit, again, perHost, JSON.stringify(busy)]);
const settle = (
  id: string,
  attempt: number,
  result: string,
  { status = null as number | null, error = null as string | null, delayMs = 0 } = {},
  run: Rules['value'] = rules.value,
): Promise<boolean> =>
  run('select settle_webhook($1, $2, $3, $4, $5, $6)', [id, attempt, result, status, error, delayMs]);

describe('an event', () => {
  it('is noted in the transaction that makes it, however the job ends', async () => {
    const worker = await rules.worker();
    const completed = await submit();
    await rules.claim(completed, worker);
    await rules.complete(completed, 1);
    const failed = await submit();
    await rules.claim(failed, worker);
    await rules.fail(failed, 1);
    const canceled = await submit();
    await rules.cancel(canceled, ada);
    const overdue = await submit();
    await rules.ahead('1 hour', (run) => run('select sweep()'));
    expect(await types(completed)).toEqual(['job.processing', 'job.completed']);
    expect(await types(failed)).toEqual(['job.processing', 'job.failed']);
    expect(await types(canceled)).toEqual(['job.canceled']);
    expect(await types(overdue)).toEqual(['job.failed']);
    for (const { status, attempts, user_id } of await rules.query('select * from webhook_deliveries')) {
      expect({ status, attempts, user_id }).toEqual({ status: 'pending', attempts: 0, user_id: ada });
    }
  });

  it('that is rolled back is not sent', async () => {
    const job = await submit();
    const client = await rules.pool.connect();
    await client.query('begin');
    await client.query('select cancel_job($1, $2)', [job, ada]);
    await client.query('rollback');
    client.release();
    expect(await types(job)).toEqual([]);
  });

  it('that nobody asked for is not noted, nor any of a job without a webhook or of the native app', async () => {
    const job = await submit({ events: ['job.completed'] });
    await rules.cancel(job, ada);
    const silent = (await rules.submit(ada)).job.id;
    await rules.cancel(silent, ada);
    await rules.asUser(ada, async (run) => {
      await run(`insert into image_generation_jobs (user_id, status) values ($1, 'pending')`, [ada]);
      await run(`update image_generation_jobs set status = 'completed' where not managed`);
    });
    expect(await rules.query('select * from webhook_deliveries')).toEqual([]);
  });

  it('is noted once a kind, though a job is claimed twice', async () => {
    const job = await submit();
    await rules.claim(job, await rules.worker());
    await rules.retry(job, 1);
    await rules.claim(job, await rules.worker());
    expect(await types(job)).toEqual(['job.processing']);
  });

  it('shows the job as it was then', async () => {
    const job = await submit();
    await rules.claim(job, await rules.worker());
    const then = await rules.job(job);
    await rules.complete(job, 1);
    const now = await rules.value('select to_jsonb(j) - $2 from image_generation_jobs j where id = $1', [
      job,
      'managed',
    ]);
    const claimed = new Map((await claim()).map((webhook) => [webhook.type, webhook.job]));
    expect(claimed.get('job.processing')).toMatchObject({ status: 'processing', version: then.version });
    expect(claimed.get('job.completed')).toEqual(now);
  });

  it('of a retried job goes where the job’s own did', async () => {
    const first = await submit({ url: 'https://hooks.test/retried', events: ['job.canceled'] });
    await rules.cancel(first, ada);
    const second = (await rules.submit(ada, { input: { retry_of: first } })).job.id;
    await rules.cancel(second, ada);
    expect(await deliveries(second)).toMatchObject([
      { type: 'job.canceled', url: 'https://hooks.test/retried' },
    ]);
    const foreign = (await rules.submit(await rules.user(), { input: { retry_of: first } })).job.id;
    await rules.value('select cancel_job($1)', [foreign]);
    expect(await types(foreign)).toEqual([]);
  });
});

it('makes one job and one webhook for one key, and keeps the first', async () => {
  const key = randomUUID();
  const ids = await Promise.all(
    Array.from({ length: 5 }, (_, n) => submit({ key, url: `https://hooks.test/${n}` })),
  );
  expect(new Set(ids).size).toBe(1);
  const before = await rules.query('select * from job_webhooks where job_id = $1', [ids[0]]);
  await submit({ key, url: 'https://hooks.test/later' });
  expect(await rules.query('select * from job_webhooks where job_id = $1', [ids[0]])).toEqual(before);
});

it('makes no job when the webhook cannot be kept', async () => {
  const before = await rules.value('select count(*) from image_generation_jobs');
  await expect(submit({ events: ['job.lost'] })).rejects.toMatchObject({ code: '23514' });
  await expect(submit({ url: 'ftp://x' })).rejects.toMatchObject({ code: '23514' });
  expect(await rules.value('select count(*) from image_generation_jobs')).toBe(before);
  expect(await rules.credits(ada)).toBe(100);
});

describe('a claim', () => {
  it('gives each delivery to one of many who ask at once', async () => {
    await Promise.all(Array.from({ length: 30 }, () => due()));
    const claims = (await Promise.all(Array.from({ length: 10 }, () => claim({ limit: 7 })))).flat();
    const rest = await claim();
    const ids = [...claims, ...rest].map(({ id }) => id);
    expect(ids.length).toBe(30);
    expect(new Set(ids).size).toBe(30);
    expect(await claim()).toEqual([]);
  });

  it('lasts 30 s; after that another is given the delivery under the same id and the next attempt', async () => {
    const id = await due();
    expect(await claim()).toMatchObject([{ id, attempt: 1, tries: 1, host: 'hooks.test' }]);
    await rules.ahead('29 seconds', async (run) => expect(await claim({}, run)).toEqual([]));
    await rules.ahead('31 seconds', async (run) => {
      expect(await claim({}, run)).toMatchObject([{ id, attempt: 2, tries: 2 }]);
    });
  });

  it('that was taken over writes nothing', async () => {
    const id = await due();
    await claim();
    await rules.ahead('31 seconds', (run) => claim({}, run));
    const before = await row(id);
    for (const result of ['delivered', 'failed', 'retry']) expect(await settle(id, 1, result)).toBe(false);
    expect(await row(id)).toEqual(before);
    expect(await settle(id, 2, 'delivered', { status: 200 })).toBe(true);
  });

  it('takes no more of a host than its share, those in hand included, and all the others', async () => {
    for (let n = 0; n < 5; n += 1) await due('https://dead.test/a');
    await due('https://fine.test:8443/a');
    const hosts = (await claim({ perHost: 3, busy: { 'dead.test': 1 } })).map(({ host }) => host);
    expect(hosts.sort()).toEqual(['dead.test', 'dead.test', 'fine.test:8443']);
    expect(await claim({ perHost: 3, busy: { 'dead.test': 3 } })).toEqual([]);
  });

  it('finds the others behind a thousand of a host that has its share', async () => {
    const seed = await due('https://dead.test/a');
    await rules.query(
      `with jobs as (
         insert into image_generation_jobs (user_id) select $1 from generate_series(1, 1000) returning id)
       insert into webhook_deliveries (job_id, user_id, type, url, next_attempt_at, created_at)
       select id, $1, 'job.failed', 'https://dead.test/a', now() - interval '1 hour', now() from jobs`,
      [ada],
    );
    await due('https://fine.test/a');
    expect(await claim({ perHost: 4, limit: 32 })).toHaveLength(4);
    const next = await claim({ perHost: 4, limit: 32, busy: { 'dead.test': 4 } });
    expect(next.map(({ host }) => host)).toEqual(['fine.test']);
    expect((await row(seed)).attempts).toBe(0);
  });

  it('gives new events room beside those that were tried before', async () => {
    for (let n = 0; n < 6; n += 1) await due(`https://dead-${n}.test/`);
    for (const { id } of await claim()) await settle(id, 1, 'retry');
    for (let n = 0; n < 6; n += 1) await due(`https://new-${n}.test/`);
    const claimed = await claim({ limit: 4, again: 2 });
    expect(claimed.map(({ attempt }) => attempt).sort()).toEqual([1, 1, 2, 2]);
  });
});

describe('an attempt', () => {
  it('that delivered ends it', async () => {
    const id = await due();
    await claim();
    expect(await settle(id, 1, 'delivered', { status: 204 })).toBe(true);
    expect(await settle(id, 1, 'delivered', { status: 204 }), 'a repeat').toBe(true);
    expect(await row(id)).toMatchObject({
      status: 'delivered',
      attempts: 1,
      last_status: 204,
      last_error: null,
      next_attempt_at: null,
      delivered_at: expect.any(Date),
    });
    await rules.ahead('10 days', async (run) => expect(await claim({}, run)).toEqual([]));
  });

  it('that did not is followed by another at its time, for hours if need be', async () => {
    const id = await due();
    let hours = 0;
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      await rules.ahead(`${hours} hours`, async (run) => {
        expect(await claim({}, run)).toMatchObject([{ id, attempt, tries: attempt }]);
        const how = { status: 503, error: 'answered 503', delayMs: 2 * 3_600_000 };
        expect(await settle(id, attempt, 'retry', how, run)).toBe(true);
        expect(await claim({}, run)).toEqual([]);
      });
      hours += 2;
    }
    expect(await row(id)).toMatchObject({ status: 'pending', attempts: 9, last_error: 'answered 503' });
    await rules.ahead('18 hours', async (run) => {
      const [last] = await claim({}, run);
      expect(await settle(id, last!.attempt, 'failed', { error: 'x'.repeat(900) }, run)).toBe(true);
    });
    expect(await row(id)).toMatchObject({ status: 'failed', next_attempt_at: null });
    expect((await row(id)).last_error).toHaveLength(200);
  });
});

describe('a replay', () => {
  it('sends again whatever became of it: same id, a fresh schedule, and nothing of an older attempt counts', async () => {
    const id = await due();
    await claim();
    await settle(id, 1, 'failed', { status: 410 });
    expect(await rules.value('select replay_delivery($1)', [id])).toMatchObject([
      { id, type: 'job.canceled', host: 'hooks.test', attempts: 1 },
    ]);
    expect(await claim()).toMatchObject([{ id, attempt: 2, tries: 1 }]);
    expect(await settle(id, 1, 'delivered')).toBe(false);
    expect(await settle(id, 2, 'delivered', { status: 200 })).toBe(true);
    await rules.value('select replay_delivery($1)', [id]);
    expect(await row(id)).toMatchObject({ status: 'pending', delivered_at: null });
  });

  it('of a job sends all of its events', async () => {
    const job = await submit();
    await rules.claim(job, await rules.worker());
    await rules.fail(job, 1);
    const replayed = await rules.value('select replay_delivery(p_job_id => $1)', [job]);
    expect(replayed.map(({ type }: { type: string }) => type)).toEqual(['job.failed', 'job.processing']);
  });

  it('of nothing is refused', async () => {
    for (const args of ['$1', 'p_job_id => $1']) {
      await expect(rules.value(`select replay_delivery(${args})`, [randomUUID()])).rejects.toMatchObject({
        code: 'DR404',
      });
    }
    await expect(rules.value('select replay_delivery()')).rejects.toMatchObject({ code: 'DR404' });
  });
});

it('forgets a deleted user’s addresses, and what was to be sent to them', async () => {
  const [mine, other] = [await due(), await rules.user()];
  const kept = await submit({ user: other });
  await rules.query('insert into darkroom.tombstones values ($1, now())', [ada]);
  expect(await rules.query('select * from webhook_deliveries where id = $1', [mine])).toEqual([]);
  expect(
    await rules.query(
      'select job_id from job_webhooks join image_generation_jobs j on j.id = job_id where user_id = any($1)',
      [[ada, other]],
    ),
  ).toEqual([{ job_id: kept }]);
});

it('is closed to users: neither address nor delivery can be read or written', async () => {
  await due();
  for (const sql of [
    'select * from job_webhooks',
    'select * from webhook_deliveries',
    `update webhook_deliveries set url = 'https://x'`,
    'delete from webhook_deliveries',
  ]) {
    await expect(
      rules.asUser(ada, (run) => run(sql)),
      sql,
    ).rejects.toMatchObject({ code: '42501' });
  }
});
