import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  openScenarioDeployment,
  type Reply,
  type ScenarioDeployment,
  type User,
  until,
} from './deployment.ts';

let deployment: ScenarioDeployment;

beforeAll(async () => {
  deployment = await openScenarioDeployment({
    queue: 'redis',
    apis: 2,
    workers: 1,
    // Longer than a busy machine takes for an image: a timeout would be a second call.
    overrides: { MODEL_TIMEOUT: '20s' },
  });
}, 120_000);
afterEach(() => deployment.heal());
afterAll(async () => {
  const audit = await deployment?.audit();
  await deployment?.stop();
  expect(audit).toEqual([]);
}, 60_000);

const debits = async (user: User) => (await user.ledger()).filter(({ kind }) => kind === 'job_debit');

it('1: a job that was accepted while the queue was away, by an API that died then, runs once for one debit', async () => {
  const ada = await deployment.user();
  const { apis, proxies } = deployment;
  proxies.queue.set({ kind: 'refuse' });
  proxies.queue.cut();
  const reply = await ada.post({ prompt: 'told to nobody' });
  expect(reply.status).toBe(202);
  await apis.kill(apis.members[0]!);
  await apis.add();
  proxies.queue.set({ kind: 'clear' });
  const job = await ada.ended(reply.body.job.id);
  expect(job).toMatchObject({ status: 'completed', attempt: 1 });
  expect(await deployment.callsOf('told to nobody')).toHaveLength(1);
  expect(await debits(ada)).toHaveLength(1);
}, 90_000);

it('2: fifty requests with one key at two APIs are one job and one debit; another body is refused', async () => {
  const ada = await deployment.user();
  const key = randomUUID();
  const replies = await Promise.all(
    Array.from({ length: 50 }, (_, n) => ada.post({ prompt: 'once' }, key, {}, n % 2)),
  );
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 202]));
  expect(new Set(replies.map(({ body }) => body.job.id)).size).toBe(1);
  const job = await ada.ended(replies[0]!.body.job.id);
  const replay = await ada.post({ prompt: 'once' }, key);
  expect(replay).toMatchObject({ status: 200, body: { job: { id: job.id, status: 'completed' } } });
  expect(await ada.post({ prompt: 'twice' }, key)).toMatchObject({
    status: 422,
    body: { code: 'idempotency_key_reused' },
  });
  expect(await debits(ada)).toHaveLength(1);
  expect(await deployment.callsOf('once')).toHaveLength(1);
}, 60_000);

it('3: an answer that is lost, between database and API or on the way to the client, makes no second job', async () => {
  const ada = await deployment.user();
  await ada.credits();
  const { gateway } = deployment.proxies;
  const key = randomUUID();
  let answer: Promise<Reply | null> = Promise.resolve(null);
  await deployment.whileLocked('select from users where id = $1 for update', [ada.id], async (release) => {
    answer = ada.post({ prompt: 'an answer lost' }, key);
    await until(async () => (await deployment.waiting()).length > 0);
    gateway.set({ kind: 'lose_answers' });
    await release();
  });
  await until(async () => (await ada.jobs()).length === 1);
  gateway.set({ kind: 'clear' });
  // The API asks again by itself.
  expect([200, 202]).toContain((await answer)?.status);
  for (const ms of [5, 20, 60]) {
    await ada.post({ prompt: 'an answer lost' }, key, { signal: AbortSignal.timeout(ms) }).catch(() => null);
  }
  const replay = await until(async () => {
    const reply = await ada.post({ prompt: 'an answer lost' }, key);
    return reply.status === 503 ? null : reply;
  });
  expect(replay.status).toBe(200);
  expect(await ada.jobs()).toHaveLength(1);
  expect(await debits(ada)).toHaveLength(1);

  gateway.set({ kind: 'refuse' });
  gateway.cut();
  expect((await ada.post({ prompt: 'never arrived' })).status).toBe(503);
  gateway.set({ kind: 'clear' });
  expect(await ada.jobs()).toHaveLength(1);
  await ada.ended(replay.body.job.id);
}, 90_000);

it('4: of many requests at once, with credits for one, one is accepted; refunds and top-ups meanwhile add up', async () => {
  const poor = await deployment.user();
  await deployment.query('select ensure_user($1, null, 4)', [poor.id]);
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      poor.post({ prompt: `one of twenty, ${n}` }, randomUUID(), {}, n % 2),
    ),
  );
  const statuses = replies.map(({ status }) => status).sort();
  expect(statuses).toEqual([202, ...Array(19).fill(402)]);
  expect(await poor.credits()).toBe(1);

  const busy = await deployment.user();
  await deployment.query('select ensure_user($1, null, 12)', [busy.id]);
  await Promise.all(
    Array.from({ length: 12 }, async (_, n) => {
      await deployment.query('select grant_credits($1, 1, $2, null)', [busy.id, `${busy.id}-${n}`]);
      const reply = await busy.post({ prompt: `busy ${n} [fault: blocked]` });
      if (reply.status === 202 && n % 2 === 0) await busy.cancel(reply.body.job.id);
    }),
  );
  const jobs = await busy.jobs();
  for (const { id } of jobs) await busy.ended(id);
  expect(await busy.credits()).toBe(24);
  expect(await debits(busy)).toHaveLength(jobs.length);
}, 90_000);

it('13: of a cancel and an ending at the same moment one wins, and the job is paid with its image or neither', async () => {
  const ada = await deployment.user();
  await deployment.query('select ensure_user($1, null, 500)', [ada.id]);
  const answers = await Promise.all(
    Array.from({ length: 24 }, async (_, n) => {
      const job = await ada.submit(`raced ${n}`);
      if (n % 3 > 0) await ada.until(job.id, ({ stage }) => stage !== 'queued');
      await sleep(n * 12);
      return { id: job.id, status: (await ada.cancel(job.id)).status };
    }),
  );
  for (const { id, status } of answers) {
    const job = await ada.ended(id);
    expect(job.status).toBe(status === 200 ? 'canceled' : 'completed');
    expect(job.receipt?.net).toBe(status === 200 ? 0 : 3);
    expect(job.output_image_url === null).toBe(status === 200);
  }
  const unseen = await ada.submit('canceled before anybody claimed it', { model: 'gemini-nano-banana-2.1' });
  await ada.cancel(unseen.id);
  expect((await ada.ended(unseen.id)).status).toBe('canceled');
}, 120_000);

it('14: a job that is failed, canceled, completed and swept at the same moment ends once, refunded once', async () => {
  const ada = await deployment.user();
  const { query } = deployment;
  await query('select ensure_user($1, null, 500)', [ada.id]);
  const worker = randomUUID();
  await query('select heartbeat($1)', [worker]);
  const image = { image_url: 'https://x/1.png', object_key: 'x/1.png', model: 'x', sha256: '0' };
  for (let round = 0; round < 20; round += 1) {
    const [made] = await query(
      `select create_job($1, '{"prompt":"ended by everybody"}', 3, $2, 'h') -> 'job' ->> 'id' as id`,
      [ada.id, randomUUID()],
    );
    const id = made!.id as string;
    await query('select claim_job($1, $2)', [id, worker]);
    const endings = [
      () => query(`select fail_job($1, 1, 'no_image')`, [id]),
      () => query(`select fail_job($1, 1, 'no_image')`, [id]),
      () => query('select cancel_job($1)', [id]).catch(() => null),
      () => query('select complete_job($1, 1, $2, 3)', [id, JSON.stringify(image)]),
      () => query(`select retry_job($1, 1, 'no_image', '', 700000, true)`, [id]),
      () => query('select sweep()'),
    ];
    await Promise.all([...endings, ...endings].sort(() => Math.random() - 0.5).map((end) => end()));
  }
  const jobs = await ada.jobs();
  expect(jobs.filter(({ completed_at }) => completed_at === null)).toEqual([]);
  const ledger = await ada.ledger();
  for (const { id, status } of jobs) {
    const kinds = ledger.filter(({ job_id }) => job_id === id).map(({ kind }) => kind);
    expect(kinds).toEqual(status === 'completed' ? ['job_debit'] : ['job_debit', 'job_refund']);
  }
}, 60_000);
