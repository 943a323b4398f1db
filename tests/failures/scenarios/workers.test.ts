import { setTimeout as sleep } from 'node:timers/promises';
import { openQueue } from '@darkroom/core/queue/open';
import type { Queue } from '@darkroom/core/queue/queue';
import { createLog } from '@darkroom/core/runtime/log/log';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  generating,
  openScenarioDeployment,
  type ScenarioDeployment,
  type User,
  until,
} from './deployment.ts';

let deployment: ScenarioDeployment;
let ada: User;
let queue: Queue;

beforeAll(async () => {
  deployment = await openScenarioDeployment({
    queue: 'redis',
    workers: 2,
    overrides: { WORKER_CONCURRENCY: '1', MODEL_TIMEOUT: '20s', JOB_DEADLINE: '2m', SHUTDOWN_GRACE: '30s' },
  });
  ada = await deployment.user();
  const log = createLog({ level: 'silent', pretty: false, name: 'test' });
  queue = openQueue({ url: deployment.redis!.url, log });
}, 120_000);
afterEach(() => deployment.heal(), 60_000);
afterAll(async () => {
  await queue?.close();
  const audit = await deployment?.audit();
  await deployment?.stop();
  expect(audit).toEqual([]);
}, 60_000);

/** Kills the worker that has the job, and lets its lease be over. */
async function killHolder(jobId: string): Promise<void> {
  const { worker, id } = await deployment.holderOf(jobId);
  await deployment.workers.kill(worker);
  await deployment.expireLease(id);
}

function smallImage(): Promise<Buffer> {
  return sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
}

async function isAnswered(words: string): Promise<boolean> {
  return (await deployment.callsOf(words)).some(({ endedAt }) => endedAt !== null);
}

async function expectOneImage(jobId: string): Promise<void> {
  const [found] = await deployment.query(
    'select count(*)::int as count from generated_images where job_id = $1',
    [jobId],
  );
  expect(found!.count).toBe(1);
}

/** Where a worker dies: what it is made to wait for there, and how the place is known. */
interface Cut {
  prompt: string;
  input?: object;
  prepare?(jobId: string): Promise<void>;
  reached(jobId: string): Promise<unknown>;
}

it('5: a job whose worker is killed, wherever it was in its work, is finished by another one, for one debit', async () => {
  const { storage, workers } = deployment;
  /** As often as it shall: what has not struck yet would hit the worker that comes after. */
  const hasStruck = (key: string) =>
    until(async () => (await storage.faults()).every(({ keyMatch }) => keyMatch !== key));
  const cuts: Cut[] = [
    {
      prompt: 'cut before the call',
      input: { reference_image_base64: (await smallImage()).toString('base64') },
      prepare: () => storage.fail({ method: 'GET', keyMatch: '/uploads/', fault: 'hang', times: 1 }),
      reached: () => hasStruck('/uploads/'),
    },
    { prompt: 'cut in the call [latency: 4s]', reached: (id) => ada.until(id, generating) },
    { prompt: 'cut after the answer', reached: () => until(() => isAnswered('cut after the answer')) },
    {
      prompt: 'cut in the upload [latency: 1s]',
      prepare: (id) => storage.fail({ method: 'PUT', keyMatch: id, fault: 'hang', times: 2 }),
      reached: hasStruck,
    },
  ];
  // One job a worker, and one worker that lives.
  await workers.restore(cuts.length + 1);
  await Promise.all(
    cuts.map(async ({ prompt, input, prepare, reached }) => {
      if (input) await prepare?.('');
      const { id } = await ada.submit(prompt, input);
      if (!input) await prepare?.(id);
      await reached(id);
      if ((await deployment.run(id)).worker_id) await killHolder(id);
      expect(await ada.ended(id), prompt).toMatchObject({ status: 'completed', receipt: { net: 3 } });
      expect((await deployment.run(id)).model_calls, prompt).toBeLessThanOrEqual(2);
      await expectOneImage(id);
    }),
  );
}, 150_000);

it('6: killed between upload and completion, a job is made anew, and only the image that is shown counts', async () => {
  const job = await ada.submit('cut before the end [latency: 1s]');
  await ada.until(job.id, generating);
  const lock = 'select from image_generation_jobs where id = $1 for update';
  await deployment.whileLocked(lock, [job.id], async () => {
    await until(
      async () => (await deployment.objectsOf(job)).length === 2 && (await deployment.waiting()).length > 0,
    );
    await killHolder(job.id);
    // What the dead worker had sent is not to be committed.
    for (const { pid } of await deployment.waiting())
      await deployment.query('select pg_terminate_backend($1)', [pid]);
  });
  const done = await ada.ended(job.id);
  expect(done).toMatchObject({ status: 'completed', attempt: 2 });
  await expectOneImage(job.id);
  const [image] = await deployment.query('select object_key from generated_images where job_id = $1', [
    job.id,
  ]);
  expect(image!.object_key).toContain(`/${job.id}/2-`);
}, 90_000);

it('7: a delivery of a job that has ended changes nothing: no call, no refund, no other state', async () => {
  const job = await ada.submit('delivered again');
  const done = await ada.ended(job.id);
  const before = [await deployment.run(job.id), await ada.ledger()];
  await queue.enqueue([50, 51, 52].map((delivery) => ({ jobId: job.id, delivery, priority: 1, delayMs: 0 })));
  await until(
    async () =>
      (await queue.findMissing([50, 51, 52].map((delivery) => ({ jobId: job.id, delivery })))).length === 3,
  );
  expect(await ada.job(job.id)).toEqual(done);
  expect([await deployment.run(job.id), await ada.ledger()]).toEqual(before);
  expect(await deployment.callsOf('delivered again')).toHaveLength(1);
}, 60_000);

it('8: while Redis is frozen jobs are accepted, those in hand are finished; when it wakes each has one image', async () => {
  const { redis } = deployment;
  const running = await ada.submit('running when it froze [latency: 2s]');
  await ada.until(running.id, generating);
  await redis!.kill('SIGSTOP');
  try {
    const accepted = await ada.submit('accepted while it was frozen');
    expect(await ada.ended(running.id)).toMatchObject({ status: 'completed', attempt: 1 });
    await redis!.kill('SIGCONT');
    expect(await ada.ended(accepted.id)).toMatchObject({ status: 'completed', attempt: 1 });
    for (const { id } of [running, accepted]) await expectOneImage(id);
    expect(await deployment.callsOf('when it froze')).toHaveLength(1);
  } finally {
    await redis!.kill('SIGCONT');
  }
}, 90_000);

it('9: a worker that was frozen past its lease wakes, finishes its image, and can write nothing', async () => {
  const job = await ada.submit('a zombie paints this [latency: 1500ms]');
  await ada.until(job.id, generating);
  const { worker, id } = await deployment.holderOf(job.id);
  deployment.workers.freeze(worker);
  try {
    await deployment.expireLease(id);
    const done = await ada.ended(job.id);
    expect(done).toMatchObject({ status: 'completed', attempt: 2 });
    const kept = await deployment.objectsOf(job);
    expect(kept).toHaveLength(2);

    deployment.workers.wake(worker);
    await until(async () => (await deployment.logOf(worker)).includes('"event":"job_lost"'));
    await until(async () => (await deployment.objectsOf(job)).join() === kept.join());
    expect(await ada.job(job.id)).toEqual(done);
    await expectOneImage(job.id);
    expect((await ada.ledger()).filter(({ job_id }) => job_id === job.id)).toHaveLength(1);
  } finally {
    deployment.workers.wake(worker);
  }
}, 90_000);

it('10: a job that costs three workers their lives is given up and refunded; the job beside it is finished', {
  timeout: 150_000,
  tags: ['slow'],
}, async () => {
  await deployment.workers.restore(3);
  const beside = await ada.submit('beside the poison [latency: 2s]');
  const poison = await ada.submit('poison [latency: 8s]');
  // A busy machine may cost the job an attempt of its own: each death waits for the next attempt, not for a number.
  for (let death = 1, attempt = 0; death <= 3; death += 1) {
    const running = await ada.until(poison.id, (job) => job.attempt > attempt && job.stage === 'generating');
    attempt = running.attempt;
    await killHolder(poison.id);
    await deployment.workers.restore(3);
    await until(async () => (await deployment.run(poison.id)).losses >= death);
  }
  expect(await ada.ended(poison.id)).toMatchObject({
    status: 'failed',
    error_code: 'worker_crashed',
    receipt: { refunded: 3, net: 0 },
  });
  expect((await ada.ended(beside.id)).status).toBe('completed');
});

it('11: Redis comes back empty: every job that waited is delivered anew, and none that had ended runs again', async () => {
  const ended = await ada.submit('ended before');
  await ada.ended(ended.id);
  const jobs = await Promise.all(
    Array.from({ length: 20 }, (_, n) => ada.submit(`waits in Redis ${n} [latency: 700ms]`)),
  );
  await deployment.redis!.restart({ empty: true });
  for (const { id } of jobs) expect((await ada.ended(id)).status).toBe('completed');
  for (const { id } of jobs) await expectOneImage(id);
  expect(await deployment.callsOf('ended before')).toHaveLength(1);
}, 90_000);

it('12: a delivery that is made twice, or that the queue swallows, costs nothing: the row is delivered anew', async () => {
  const [made] = await deployment.query(
    `select create_job($1, '{"prompt":"swallowed","model_requested":"gemini-3-pro-image"}', 3, gen_random_uuid()::text, 'h')
      -> 'job' ->> 'id' as id`,
    [ada.id],
  );
  const id = made!.id as string;
  // The worker that has the job is nobody's: the first delivery meets its lease and is used up.
  await deployment.query(`select heartbeat('00000000-0000-4000-8000-000000000012')`);
  await deployment.query(`select claim_job($1, '00000000-0000-4000-8000-000000000012')`, [id]);
  const first = { jobId: id, delivery: 1 };
  for (let twice = 0; twice < 2; twice += 1) await queue.enqueue([{ ...first, priority: 1, delayMs: 0 }]);
  await until(async () => (await queue.findMissing([first])).length === 1);
  // The row believes that the queue holds it.
  await deployment.query('select release_job($1, 1)', [id]);
  await deployment.query(
    `update job_runs set delivery = 1, delivered_at = now() - interval '2 minutes' where job_id = $1`,
    [id],
  );
  await queue.enqueue([{ ...first, priority: 1, delayMs: 0 }]);
  await sleep(500);
  expect((await ada.job(id)).status).toBe('pending');
  expect(await ada.ended(id)).toMatchObject({ status: 'completed', attempt: 2 });
  expect((await deployment.run(id)).delivery).toBeGreaterThan(1);
  expect(await deployment.callsOf('swallowed')).toHaveLength(1);
}, 90_000);
