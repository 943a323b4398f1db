import { setTimeout as sleep } from 'node:timers/promises';
import { openDeployment } from '../deployment/deployment.ts';
import { profileWhile } from '../deployment/profile.ts';
import { startProgram } from '../deployment/start-program.ts';
import { openFeed } from '../work/feed.ts';
import { submitJobs, throughputOf, waitUntilDone } from '../work/submit.ts';
import { atLeast, atMost, median, quantile } from './statistics.ts';
import type { Suite } from './suite.ts';

const leaseMs = 30_000;

/** One worker with very many concurrent jobs that wait for the model. */
export const inFlight: Suite = async ({ servers, quick, profiles, say }) => {
  const concurrency = quick ? 100 : 500;
  const modelMs = quick ? 5_000 : 20_000;
  const watchMs = quick ? 10_000 : 30_000;
  const spread = { min: modelMs * 0.75, max: modelMs * 1.25 };
  const deployment = await openDeployment(servers, { model: { latencyMs: { min: 0, max: 0 } } });
  const { pool, services } = deployment;

  const workedOff = await bareRate();
  await services.ask({ latencyMs: spread });
  const worker = await deployment.startWorker({ WORKER_CONCURRENCY: String(concurrency) });
  const queue = openFeed(deployment);
  const profileMs = profiles ? 10_000 : 0;
  const wanted = Math.ceil((concurrency / modelMs) * (watchMs + profileMs + 2.5 * modelMs));
  const jobIds = await submitJobs(pool, wanted, { users: 500 });
  await queue.deliver(jobIds);

  // The first answers arrive together; after that the times are spread.
  await sleep(spread.max);
  await worker.probe.reset();
  const cpuBefore = (await worker.probe.read()).cpuMs;
  const from = await completed();
  const beats = watchBeats();
  await sleep(watchMs);
  const done = (await completed()) - from;
  const beatsMs = await beats.end();
  const reading = await worker.probe.read();
  const cpuShare = (reading.cpuMs - cpuBefore) / watchMs;
  const notes = [`The worker used ${cpuShare.toFixed(2)} CPUs.`];
  if (profiles) {
    notes.push(
      ...(await profileWhile(worker.probe, `${profiles}/in-flight.cpuprofile`, () => sleep(profileMs))),
    );
  }
  const { rows } = await pool.query('select coalesce(sum(losses), 0)::integer as losses from job_runs');
  const { rows: again } = await pool.query(
    'select count(*)::integer as jobs from image_generation_jobs where attempt > 1',
  );
  await queue.close();
  await worker.process.child.kill('SIGKILL');
  await worker.process.exited;
  await deployment.stop();

  const perSecond = done / (watchMs / 1_000);
  const ideal = Math.min(concurrency / (modelMs / 1_000), workedOff);
  const rss = reading.peakRssBytes / 2 ** 20;
  const rows_ = {
    completed: perSecond,
    'ideal by slots and model': concurrency / (modelMs / 1_000),
    'ideal by CPU (floor)': workedOff,
  };
  say(
    `  ${perSecond.toFixed(1)}/s of ${ideal.toFixed(1)}/s, ${rss.toFixed(0)} MB, loop ${reading.loopDelayMs.p99.toFixed(0)} ms`,
  );
  return {
    name: 'in-flight',
    title: `In flight: ${concurrency} concurrent jobs in one worker`,
    how:
      `One worker with a concurrency of ${concurrency}, a model that takes ${modelMs / 1_000} s ± 25 %, images of ` +
      `${(services.ready.imageBytes / 1e6).toFixed(1)} MB, observed for ${watchMs / 1_000} s once all slots are busy. The ideal is the ` +
      'smaller of the throughput of the slots and that of the bare loop (the floor of drain) on this machine.',
    measures: [
      { name: 'jobs', unit: '1/s', better: 'higher', mixed: true, values: mapValues(rows_) },
      {
        name: 'cost',
        unit: 'MB, ms',
        mixed: true,
        better: 'lower',
        values: mapValues({
          'peak RSS, MB': rss,
          'event loop delay p99, ms': reading.loopDelayMs.p99,
          'event loop delay max, ms': reading.loopDelayMs.max,
          'between two heartbeats, median, ms': median(beatsMs),
          'between two heartbeats, longest, ms': quantile(beatsMs, 1),
        }),
      },
    ],
    checks: [
      atLeast('throughput, ratio to the ideal', perSecond / ideal, 0.9),
      atMost('peak RSS, MB', rss, 1_024),
      atMost('event loop delay p99, ms', reading.loopDelayMs.p99, 50),
      atMost('leases lost', rows[0].losses, 0),
      atMost('jobs run more than once', again[0].jobs, 0),
    ],
    notes,
  };

  /** The throughput of the bare loop on this machine, with the same image. */
  async function bareRate(): Promise<number> {
    const databaseUrl = await servers.makeDatabase('in_flight_floor');
    const { model, store } = services.ready;
    const options = { databaseUrl, services: { model, store }, concurrency: 8 };
    const bare = await startProgram(servers, 'floor', 'work/floor.ts', options);
    const barePool = servers.openPool(databaseUrl);
    await bare.ask({ jobIds: await submitJobs(barePool, 16) });
    const ids = await submitJobs(barePool, quick ? 40 : 100);
    await bare.ask({ jobIds: ids });
    await waitUntilDone(barePool, ids);
    await bare.stop();
    return throughputOf(barePool, ids);
  }

  async function completed(): Promise<number> {
    const { rows } = await pool.query(
      `select count(*)::integer as count from image_generation_jobs where status = 'completed'`,
    );
    return rows[0].count;
  }

  /** The times between renewals of the lease, from the database. */
  function watchBeats() {
    const times = new Set<number>();
    const timer = setInterval(() => void note().catch(() => {}), 250);
    async function note() {
      const { rows } = await pool.query(
        'select extract(epoch from lease_expires_at)::float8 * 1000 as at from workers',
      );
      for (const { at } of rows) times.add(at - leaseMs);
    }
    return {
      async end() {
        clearInterval(timer);
        await note();
        const sorted = [...times].sort((a, b) => a - b);
        return sorted.slice(1).map((at, index) => at - sorted[index]!);
      },
    };
  }
};

function mapValues(values: Record<string, number>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
}
