import { afterEach, expect, it } from 'vitest';
import { type Deployment, openDeployment } from '../support/deployment.ts';

const [primary, second] = ['gemini-nano-banana-2.1', 'gemini-3-pro-image'];
let deployment: Deployment | undefined;
afterEach(async () => {
  const audit = await deployment?.audit();
  await deployment?.close();
  deployment = undefined;
  expect(audit).toEqual([]);
}, 60_000);

it('a newcomer’s first job starts before the waiting jobs of a heavy user', {
  timeout: 120_000,
}, async () => {
  deployment = await openDeployment({
    latencyMs: 400,
    overrides: {
      WORKER_CONCURRENCY: '2',
      MAX_ACTIVE_JOBS: '100',
      DEFAULT_CREDITS: '1000',
      SHUTDOWN_GRACE: '2s',
    },
  });
  const [heavy, newcomer] = [await deployment.user('heavy'), await deployment.user('newcomer')];
  await Promise.all(Array.from({ length: 40 }, () => heavy.submit({ prompt: 'a fox' })));
  const first = await newcomer.submit({ prompt: 'an owl' });
  await newcomer.until(first.id, (job) => job.started_at !== null);
  const [passed] = await deployment.query(
    `select count(*) filter (where j.started_at is null)::int as waiting,
       count(*) filter (where j.started_at > mine.created_at and j.started_at < mine.started_at)::int as before
     from image_generation_jobs j, (select created_at, started_at from image_generation_jobs where id = $1) mine
     where user_id = $2`,
    [first.id, heavy.id],
  );
  expect(passed!.waiting, 'the heavy user still has waiting jobs').toBeGreaterThan(10);
  // Each of the two places may be taken once while the newcomer's delivery is on its way, and once more at that moment.
  expect(passed!.before).toBeLessThanOrEqual(4);
});

it('a quota holds for all workers together: more goes to the next model, or waits uncounted where no other is allowed', {
  timeout: 120_000,
}, async () => {
  deployment = await openDeployment({
    workers: 2,
    overrides: { GEMINI_RPM: `${primary}=3`, DEFAULT_CREDITS: '1000', SHUTDOWN_GRACE: '2s' },
  });
  const ada = await deployment.user('ada');
  const jobs = await Promise.all(Array.from({ length: 9 }, () => ada.submit({ prompt: 'a fox' })));
  const ended = await Promise.all(jobs.map(({ id }) => ada.ended(id)));
  expect(ended.map(({ job }) => job.status)).toEqual(jobs.map(() => 'completed'));
  const called = (model: string) => deployment!.gemini.calls().filter((call) => call.model === model).length;
  expect([called(primary), called(second)]).toEqual([3, 6]);

  const waiting = await ada.submit({ prompt: 'an owl', model: primary, fallback: false });
  await ada.until(waiting.id, (job) => job.status === 'pending' && job.attempt === 1);
  const [run] = await deployment.query(
    `select counted_retries, model_calls, cause, run_at > now() as later from job_runs where job_id = $1`,
    [waiting.id],
  );
  expect(run).toMatchObject({ counted_retries: 0, model_calls: 0, later: true });
  expect(run!.cause).toContain('rate_limited');
  const other = await ada.submit({ prompt: 'a boat', model: second, fallback: false });
  expect((await ada.ended(other.id)).job.status).toBe('completed');
  expect([called(primary), called(second)]).toEqual([3, 7]);
});
