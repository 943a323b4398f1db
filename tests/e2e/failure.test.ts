import { dropNamespace } from '@darkroom/core/queue/namespace';
import { beforeAll, expect, it } from 'vitest';
import { type DeploymentUser, openDeployment, useDeployment } from '../support/deployment.ts';

const deployment = useDeployment({
  workers: 1,
  overrides: { SHUTDOWN_GRACE: '3s', DEFAULT_CREDITS: '200', MAX_ACTIVE_JOBS: '50' },
});
let ada: DeploymentUser;

beforeAll(async () => {
  ada = await deployment.user('ada');
}, 120_000);

const generating = ({ stage }: { stage: string | null }) => stage === 'generating';
const modelCalls = (text: string) => deployment.gemini.calls().filter((call) => call.prompt.includes(text));

it('hands a running job back on SIGTERM, within the grace time, and another worker finishes it uncharged', async () => {
  const first = deployment.stack.workers[0]!;
  const job = await ada.submit({ prompt: 'handed back [latency: 8s]' });
  await ada.until(job.id, generating);
  const replacement = await deployment.stack.addWorker();
  const asked = performance.now();
  first.child.kill('SIGTERM');
  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(6_500);
  const { job: done } = await ada.ended(job.id);
  expect(done).toMatchObject({ status: 'completed', attempt: 2 });
  const [run] = await deployment.query('select counted_retries, losses from job_runs where job_id = $1', [
    job.id,
  ]);
  expect(run).toEqual({ counted_retries: 0, losses: 0 });
  expect(replacement.child.exitCode).toBeNull();
}, 60_000);

it('takes jobs from a killed worker and a frozen one within 45 seconds; the frozen one writes nothing when it wakes', {
  timeout: 150_000,
  tags: ['slow'],
}, async () => {
  const [killed, frozen] = [await deployment.stack.addWorker(), await deployment.stack.addWorker()];
  const jobs = await Promise.all(
    Array.from({ length: 12 }, (_, n) => ada.submit({ prompt: `orphan ${n} [latency: 3s]` })),
  );
  for (const job of jobs) await ada.until(job.id, generating);
  killed.child.kill('SIGKILL');
  frozen.child.kill('SIGSTOP');
  const since = performance.now();
  for (const job of jobs)
    await ada.until(job.id, ({ attempt, completed_at }) => attempt > 1 || completed_at !== null, 60_000);
  expect(performance.now() - since).toBeLessThan(45_000);
  for (const job of jobs) expect((await ada.ended(job.id, 30_000)).job.status).toBe('completed');

  const rows = () =>
    deployment.query(
      `select j.id, j.version, j.attempt, j.output_image_url, count(i.*)::int as images
       from image_generation_jobs j join generated_images i on i.job_id = j.id
       where j.id = any($1) group by j.id order by j.id`,
      [jobs.map((job) => job.id)],
    );
  const before = await rows();
  expect(before.map((row) => row.images)).toEqual(Array(12).fill(1));
  expect(before.some((row) => row.attempt > 1)).toBe(true);

  // Left alone, the zombie must do the next job: when it has, it is awake and has met its loss.
  frozen.child.kill('SIGCONT');
  for (const worker of deployment.stack.workers.filter(({ pid }) => pid !== frozen.pid))
    worker.child.kill('SIGTERM');
  await Promise.all(
    deployment.stack.workers.filter(({ pid }) => pid !== frozen.pid).map((worker) => worker.exited),
  );
  const next = await ada.submit({ prompt: 'for the one that woke' });
  expect((await ada.ended(next.id, 30_000)).job.status).toBe('completed');
  expect(await rows()).toEqual(before);
});

it('finishes every job when the queue is emptied under it', async () => {
  const jobs = await Promise.all(
    Array.from({ length: 9 }, (_, n) => ada.submit({ prompt: `flushed ${n} [latency: 300ms]` })),
  );
  await dropNamespace({ url: deployment.stack.variables.QUEUE_URL! });
  for (const job of jobs) expect((await ada.ended(job.id, 45_000)).job.status).toBe('completed');
}, 60_000);

it('ends a job at its deadline, refunded, though the model never answers', async () => {
  const boris = await deployment.user('boris');
  const job = await boris.submit({ prompt: 'no answer [latency: 100s]' });
  await boris.until(job.id, generating);
  await deployment.query('update image_generation_jobs set deadline_at = now() where id = $1', [job.id]);
  const { job: done } = await boris.ended(job.id);
  expect(done).toMatchObject({ status: 'failed', error_code: 'deadline_exceeded', receipt: { net: 0 } });
  await expect.poll(() => modelCalls('no answer').every((call) => call.aborted)).toBe(true);
});

it('ends a job at its deadline by the clock, refunded, though the model never answers', {
  timeout: 90_000,
  tags: ['slow'],
}, async () => {
  const slow = await openDeployment({
    overrides: { JOB_DEADLINE: '10s', MODEL_TIMEOUT: '8s', SHUTDOWN_GRACE: '2s' },
  });
  try {
    const boris = await slow.user('boris');
    slow.gemini.faults.add({ fault: { kind: 'hang' } });
    const job = await boris.submit({ prompt: 'never' });
    const { job: done } = await boris.ended(job.id, 40_000);
    expect(done).toMatchObject({ status: 'failed', receipt: { charged: 3, refunded: 3, net: 0 } });
    expect(await boris.credits()).toBe(20);
    expect(await slow.audit()).toEqual([]);
  } finally {
    await slow.close();
  }
});

it('never calls a model more often than allowed, and counts each call before it is sent', async () => {
  const job = await ada.submit({ prompt: 'counted [fault: 503]' });
  const { job: done } = await ada.ended(job.id, 60_000);
  expect(done).toMatchObject({ status: 'failed', error_code: 'provider_unavailable' });
  const [run] = await deployment.query('select model_calls from job_runs where job_id = $1', [job.id]);
  expect(run!.model_calls).toBeLessThanOrEqual(8);
  expect(modelCalls('counted').length).toBeLessThanOrEqual(run!.model_calls);
}, 90_000);
