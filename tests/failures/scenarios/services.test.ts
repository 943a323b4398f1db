import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  generating,
  openScenarioDeployment,
  type ScenarioDeployment,
  type User,
  until,
} from './deployment.ts';

const [first, second, third] = [
  'gemini-3-pro-image',
  'gemini-3.1-flash-lite-image',
  'gemini-nano-banana-2.1',
];
let deployment: ScenarioDeployment;
let ada: User;

beforeAll(async () => {
  // An image takes the stand-in long on a busy machine, and a model that is too slow is another scenario.
  const overrides = { MODEL_TIMEOUT: '10s', JOB_DEADLINE: '3m' };
  deployment = await openScenarioDeployment({ queue: 'postgres', workers: 2, overrides });
  ada = await deployment.user();
  await deployment.query('select ensure_user($1, null, 1000)', [ada.id]);
}, 120_000);
// Workers share their breakers: the next test is to meet none that is open.
afterEach(async () => {
  await deployment.gemini.heal();
  await deployment.storage.heal();
  await deployment.freshWorkers(2);
}, 60_000);
afterAll(async () => {
  const audit = await deployment?.audit();
  await deployment?.stop();
  expect(audit).toEqual([]);
}, 60_000);

it('15: while every model is out of quota it is asked only now and then, no attempt is spent, and then all is done', {
  timeout: 120_000,
  tags: ['slow'],
}, async () => {
  await deployment.gemini.fail({ fault: { kind: 'rate_limited', retryDelayMs: 3_000 } });
  const jobs = await Promise.all(Array.from({ length: 40 }, (_, n) => ada.submit(`out of quota ${n}`)));
  await until(async () =>
    (await Promise.all(jobs.map(({ id }) => deployment.run(id)))).every((run) => run.cause !== null),
  );
  await deployment.gemini.heal();
  for (const { id } of jobs) expect((await ada.ended(id)).status).toBe('completed');
  for (const { id } of jobs) expect(await deployment.run(id)).toMatchObject({ counted_retries: 0 });
  const calls = await deployment.callsOf('out of quota');
  expect(calls.filter(({ status }) => status === 200)).toHaveLength(40);
  // Three models, two workers, eight at a time: what was sent before the first refusal came back, a few times over.
  expect(calls.filter(({ status }) => status === 429).length).toBeLessThan(250);
});

it('16: the models behind a retired and an overloaded one serve, the dead one is left alone; without any: one refund', {
  timeout: 90_000,
  tags: ['slow'],
}, async () => {
  const { gemini } = deployment;
  await gemini.fail({ model: first, fault: { kind: 'not_found' } });
  await gemini.fail({ model: second, match: 'served', fault: { kind: 'unavailable' } });
  const served = await ada.submit('served by the third');
  expect(await ada.ended(served.id)).toMatchObject({ status: 'completed', model: third });
  const next = await Promise.all(Array.from({ length: 8 }, (_, n) => ada.submit(`after the dead one ${n}`)));
  for (const { id } of next)
    expect(await ada.ended(id)).toMatchObject({ status: 'completed', model: second });
  // Each of the two workers meets it once.
  const toDead = [
    ...(await deployment.callsOf('served by')),
    ...(await deployment.callsOf('after the dead')),
  ];
  expect(toDead.filter(({ model }) => model === first).length).toBeLessThanOrEqual(2 * 8);
  // One that stood in for less costs less.
  expect((await ada.job(next[0]!.id)).receipt).toEqual({ charged: 3, refunded: 1, net: 2 });

  await gemini.fail({ fault: { kind: 'not_found' } });
  const before = await ada.credits();
  const none = await ada.submit('all of them are gone');
  expect(await ada.ended(none.id)).toMatchObject({ status: 'failed', error_code: 'model_unavailable' });
  expect(await ada.credits()).toBe(before);
});

/** What the first model answers, and what becomes of a job that wants no other: ending, code, calls. */
const answers = [
  ['blocked', 'failed', 'content_blocked', 1],
  ['finish IMAGE_SAFETY', 'failed', 'content_blocked', 1],
  ['finish NO_IMAGE', 'failed', 'no_image', 2],
  ['finish SOMETHING_NEW', 'failed', 'no_image', 2],
  ['text_only', 'failed', 'no_image', 2],
  ['truncated', 'failed', 'bad_image', 2],
  ['not_an_image', 'failed', 'bad_image', 2],
  ['thought_parts', 'completed', null, 1],
  ['wrong_mime', 'completed', null, 1],
] as const;

it('17: an answer that is no image is never shown as one, is asked for once more or not, and is refunded', {
  timeout: 60_000,
  tags: ['slow'],
}, async () => {
  await Promise.all(
    answers.map(async ([fault, status, code, calls]) => {
      const job = await ada.submit(`an answer [fault: ${fault}]`, { fallback: false });
      const done = await ada.ended(job.id);
      expect(done, fault).toMatchObject({ status, error_code: code });
      expect(done.receipt?.net, fault).toBe(status === 'completed' ? 3 : 0);
      expect(await deployment.callsOf(`[fault: ${fault}]`), fault).toHaveLength(calls);
      if (status !== 'completed') return expect(done.output_image_url).toBeNull();
      const bytes = Buffer.from(await (await fetch(done.output_image_url!)).arrayBuffer());
      const { width, format } = await sharp(bytes).metadata();
      expect({ width, type: `image/${format}` }).toEqual({ width: done.width, type: done.mime_type });
    }),
  );
});

it('18: a model that hangs, drips or is late is given up for the next, its image never shown; the deadline ends all', {
  timeout: 150_000,
  tags: ['slow'],
}, async () => {
  const { gemini } = deployment;
  await gemini.fail({ model: first, match: 'hangs', fault: { kind: 'hang' } });
  await gemini.fail({ model: first, match: 'drips', fault: { kind: 'drip', intervalMs: 100 } });
  await gemini.fail({ model: first, match: 'is late', fault: { kind: 'latency', ms: 15_000 } });
  await Promise.all(
    ['hangs', 'drips', 'is late'].map(async (what) => {
      const job = await ada.submit(`the first ${what}`);
      expect(await ada.ended(job.id), what).toMatchObject({ status: 'completed', model: second, attempt: 1 });
      const [given, served] = await deployment.callsOf(`first ${what}`);
      expect([given?.aborted, served?.status], what).toEqual([true, 200]);
    }),
  );

  await deployment.gemini.fail({ match: 'never', fault: { kind: 'hang' } });
  const never = await ada.submit('never answered');
  await ada.until(never.id, generating);
  await deployment.query(`update image_generation_jobs set deadline_at = now() where id = $1`, [never.id]);
  expect(await ada.ended(never.id)).toMatchObject({ status: 'failed', error_code: 'deadline_exceeded' });
  await until(async () => (await deployment.callsOf('never')).every((call) => call.aborted));
});

it('19: an upload that hangs, is refused, or whose answer is lost is made again without another image', {
  timeout: 120_000,
  tags: ['slow'],
}, async () => {
  const faults = [
    { fault: 'hang', times: 1 },
    { fault: 'unavailable', times: 6 },
    { fault: 'lose_answer', times: 2 },
    { fault: 'reset', times: 3 },
  ] as const;
  await Promise.all(
    faults.map(async (fault) => {
      const user = await deployment.user();
      await deployment.storage.fail({ method: 'PUT', keyMatch: user.id, ...fault });
      const job = await user.submit(`upload that meets ${fault.fault}`);
      const done = await user.ended(job.id, 90_000);
      expect(done, fault.fault).toMatchObject({ status: 'completed', attempt: 1 });
      expect((await deployment.run(job.id)).model_calls, fault.fault).toBe(1);
      expect(await deployment.objectsOf(job), fault.fault).toHaveLength(2);
      expect((await fetch(done.output_image_url!)).status).toBe(200);
    }),
  );
});

it('20: Postgres away, workers replaced, clocks wrong, an API killed, all at once: no debit is lost, every job ends', {
  timeout: 150_000,
  tags: ['slow'],
}, async () => {
  const { apis, workers, postgres, shutdownGraceMs } = deployment;
  const skewed = (ms: number) => ({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`const now=Date.now;Date.now=()=>now()+${ms}`)}`,
  });
  const jobs = await Promise.all(
    Array.from({ length: 12 }, (_, n) => ada.submit(`moved ${n} [latency: 1500ms]`)),
  );
  await ada.until(jobs[0]!.id, generating);
  const before = (await ada.jobs()).length;
  const old = [...workers.members];
  await Promise.all([
    postgres.restart({
      mode: 'immediate',
      whileDown: async () => {
        const refused = await ada.post({ prompt: 'nobody can take this' }).catch(() => null);
        expect(refused?.status ?? 503).toBe(503);
        await sleep(1_000);
      },
    }),
    workers.add(skewed(60_000)),
    workers.add(skewed(-60_000)),
    ...old.map((worker) => workers.retire(worker, { graceMs: shutdownGraceMs + 10_000 })),
  ]);
  await apis.kill(apis.members[0]!);
  await apis.add();
  const done = await Promise.all(jobs.map(({ id }) => ada.ended(id, 90_000)));
  expect(done.map(({ status }) => status)).toEqual(jobs.map(() => 'completed'));
  expect((await ada.jobs()).length).toBe(before);
  for (const { id } of jobs) {
    const run = await deployment.run(id);
    expect(run.counted_retries).toBe(0);
    // A worker whose time to stop is over before the database is back cannot say that it leaves.
    expect(run.losses).toBeLessThanOrEqual(1);
  }
  const fresh = await ada.submit('after all that');
  expect((await ada.ended(fresh.id)).status).toBe('completed');
  expect(workers.complaints).toEqual([]);
});
