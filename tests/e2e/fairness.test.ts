import { afterEach, expect, it } from 'vitest';
import { type Deployment, openDeployment } from '../support/deployment.ts';

const [primary, second] = ['gemini-nano-banana-2.1', 'gemini-3-pro-image'];
let system: Deployment | undefined;
afterEach(async () => {
  const audit = await system?.audit();
  await system?.close();
  system = undefined;
  expect(audit).toEqual([]);
}, 60_000);

it('a newcomer’s first job passes those of a crowd: none of them begins before it but what fills the places', async () => {
  system = await openDeployment({
    latencyMs: 400,
    overrides: {
      WORKER_CONCURRENCY: '2',
      MAX_ACTIVE_JOBS: '100',
      DEFAULT_CREDITS: '1000',
      SHUTDOWN_GRACE: '2s',
    },
  });
  const [crowd, newcomer] = [await system.user('crowd'), await system.user('newcomer')];
  await Promise.all(Array.from({ length: 60 }, () => crowd.submit({ prompt: 'a fox' })));
  const first = await newcomer.submit({ prompt: 'an owl' });
  await newcomer.until(first.id, (job) => job.started_at !== null);
  const [passed] = await system.query(
    `select count(*) filter (where j.started_at is null)::int as waiting,
       count(*) filter (where j.started_at > mine.created_at and j.started_at < mine.started_at)::int as before
     from image_generation_jobs j, (select created_at, started_at from image_generation_jobs where id = $1) mine
     where user_id = $2`,
    [first.id, crowd.id],
  );
  expect(passed!.waiting, 'the crowd was still in line').toBeGreaterThan(20);
  // Each of the two places may be given once while the newcomer's delivery is on its way, and once more in the same moment.
  expect(passed!.before).toBeLessThanOrEqual(4);
});

it('a quota holds for all workers together, and what is beyond it goes to the next model', async () => {
  system = await openDeployment({
    workers: 2,
    overrides: { GEMINI_RPM: `${primary}=3`, DEFAULT_CREDITS: '1000', SHUTDOWN_GRACE: '2s' },
  });
  const ada = await system.user('ada');
  const jobs = await Promise.all(Array.from({ length: 9 }, () => ada.submit({ prompt: 'a fox' })));
  const ended = await Promise.all(jobs.map(({ id }) => ada.ended(id)));
  expect(ended.map(({ job }) => job.status)).toEqual(jobs.map(() => 'completed'));
  const called = (model: string) => system!.gemini.calls().filter((call) => call.model === model).length;
  expect([called(primary), called(second)]).toEqual([3, 6]);
});

it('a job that no other model may make waits for the quota, and no attempt is counted', async () => {
  system = await openDeployment({ overrides: { GEMINI_RPM: `${primary}=1`, SHUTDOWN_GRACE: '2s' } });
  const ada = await system.user('ada');
  await ada.ended((await ada.submit({ prompt: 'a fox', model: primary, fallback: false })).id);
  const waiting = await ada.submit({ prompt: 'an owl', model: primary, fallback: false });
  await ada.until(waiting.id, (job) => job.status === 'pending' && job.attempt === 1);
  const [run] = await system.query(
    `select counted_retries, model_calls, cause, run_at > now() as later from job_runs where job_id = $1`,
    [waiting.id],
  );
  expect(run).toMatchObject({ counted_retries: 0, model_calls: 0, later: true });
  expect(run!.cause).toContain('rate_limited');
  const other = await ada.submit({ prompt: 'a boat', model: second, fallback: false });
  expect((await ada.ended(other.id)).job.status).toBe('completed');
  expect(system.gemini.calls()).toHaveLength(2);
});
