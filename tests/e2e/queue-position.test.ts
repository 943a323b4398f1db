import type { Job } from '@darkroom/core/job/job';
import { describe, expect, it, vi } from 'vitest';
import { useDeployment, useSharedDeployment } from '../support/deployment.ts';

const places = 3;

interface Forecast {
  queue_position: number;
  eta_seconds: number;
}

describe('a waiting job', { tags: ['slow'] }, () => {
  const deployment = useDeployment({
    latencyMs: 1_500,
    overrides: { WORKER_CONCURRENCY: String(places), MAX_ACTIVE_JOBS: '100' },
  });

  /** A job of a user of its own, so that all have the same priority. */
  async function submit(prompt: string) {
    const user = await deployment.user();
    return { user, job: await user.submit({ prompt }) };
  }

  it('has a position, and a time when it will be ready, right within a factor of two', async () => {
    // The forecast needs to know how long a run takes, and the very first runs take longer.
    const warm = await Promise.all(Array.from({ length: 5 * places }, () => submit('warm')));
    await Promise.all(warm.map(({ user, job }) => user.ended(job.id)));
    const queue: Awaited<ReturnType<typeof submit>>[] = [];
    while (queue.length < 8 * places) queue.push(await submit('steady'));
    const { job: first } = queue[0]!;
    await queue[0]!.user.until(first.id, ({ status }) => status !== 'pending');

    const [asked] = await deployment.query<{ at: Date }>('select clock_timestamp() as at');
    const shown = await Promise.all(queue.map(async ({ user, job }) => user.job(job.id)));
    const waiting = shown.filter(({ status }) => status === 'pending') as (Job & Forecast)[];
    expect(waiting.length).toBeGreaterThan(4 * places);
    const positions = waiting.map((job) => job.queue_position);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    const etas = waiting.map((job) => job.eta_seconds);
    expect(Math.min(...etas)).toBeGreaterThan(0);
    expect(etas).toEqual(etas.toSorted((a, b) => a - b));

    const last = queue.at(-1)!;
    const { job: done } = await last.user.ended(last.job.id, 60_000);
    expect(done).not.toHaveProperty('queue_position');
    expect(done).not.toHaveProperty('eta_seconds');
    const ended = () =>
      deployment.query<{ id: string; seconds: number }>(
        `select id, extract(epoch from completed_at - $2)::float8 as seconds from image_generation_jobs
         where id = any($1) and completed_at is not null`,
        [waiting.map(({ id }) => id), asked!.at],
      );
    await expect.poll(async () => (await ended()).length, { timeout: 30_000 }).toBe(waiting.length);
    const took = new Map((await ended()).map(({ id, seconds }) => [id, seconds]));
    const figures = waiting.map((job) => ({ forecast: job.eta_seconds, took: took.get(job.id)!, job }));
    for (const { forecast: seconds, took: real, job } of figures) {
      process.stderr.write(`${job.queue_position}: forecast ${seconds} s, took ${real.toFixed(1)} s\n`);
    }
    // Whole seconds say nothing about jobs that end in a moment.
    const middle = figures.filter(({ forecast: seconds }) => seconds >= 3);
    const honest = middle.filter(
      ({ forecast: seconds, took: real }) => real <= 2 * seconds && real >= seconds / 2,
    );
    expect(middle.length).toBeGreaterThan(3 * places);
    expect(honest.length / middle.length, JSON.stringify(middle)).toBeGreaterThanOrEqual(0.8);
  });
});

describe('the models', () => {
  const deployment = useSharedDeployment();

  it('are listed with sizes, ratios, prices, and their recent speed', async () => {
    const user = await deployment.user();
    await user.ended((await user.submit({ prompt: 'a fox' })).id);
    // It is measured again every few seconds.
    const { status, body } = await vi.waitUntil(
      async () => {
        const reply = await user.get('/v1/models');
        return reply.body.data?.[0].recent_median_seconds !== null && reply;
      },
      { timeout: 30_000, interval: 500 },
    );
    expect(status).toBe(200);
    expect(body.next_cursor).toBeNull();
    expect(body.data.map(({ id }: any) => id)).toEqual([
      'gemini-nano-banana-2.1',
      'gemini-3-pro-image',
      'gemini-3.1-flash-lite-image',
    ]);
    expect(body.data[0]).toMatchObject({
      sizes: ['1K', '2K', '4K'],
      aspect_ratios: expect.arrayContaining(['16:9']),
      price: { '1K': 3, '2K': 3, '4K': 3 },
      available: true,
      recent_median_seconds: expect.any(Number),
    });
  });
});
