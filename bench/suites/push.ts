import type { Arrival, Channel } from '../load/follower.ts';
import { makeUsers } from '../load/users.ts';
import { waitUntilDone } from '../work/submit.ts';
import type { Ground } from '../world/ground.ts';
import { openProduct } from '../world/product.ts';
import { startProgram } from '../world/start-program.ts';
import { atMost, emptyMeasure, quantile } from './statistics.ts';
import type { Suite } from './suite.ts';

const channels: Channel[] = ['sse', 'realtime', 'long-poll'];
const transports = { '': 'supabase', ', DB_TRANSPORT=direct': 'direct' };
const modelMs = 300;
const warmUpAtOnce = 4;

/** How soon a change is with those who follow it. */
export const push: Suite = async ({ ground, quick, say }) => {
  const jobs = quick ? 10 : 30;
  const warmUp = quick ? 4 : 40;
  const names = Object.keys(transports).flatMap((suffix) => channels.map((channel) => channel + suffix));
  const took = emptyMeasure('commit to received', 'ms', 'lower', names);
  for (const [suffix, transport] of Object.entries(transports)) {
    for (const { channel, tookMs } of await follow(ground, { jobs, warmUp, transport })) {
      took.values[channel + suffix]!.push(tookMs);
    }
  }
  const p99 = emptyMeasure('p99 of it', 'ms', 'lower', names);
  const at = (name: string, share: number) => quantile(took.values[name]!, share);
  for (const name of names) {
    p99.values[name] = [at(name, 0.99)];
    say(`  ${name}: p50 ${at(name, 0.5).toFixed(1)} ms, p99 ${at(name, 0.99).toFixed(1)} ms`);
  }
  return {
    name: 'push',
    title: 'Push: a change in the hands of those who follow it',
    how:
      `${jobs} jobs, one at a time, after ${warmUp} to warm up, followed by one client over server-sent events, Supabase Realtime and held requests at once; ` +
      'then the same with an API and a worker that have connections of their own. From the time the row carries, which is ' +
      'that of the statement that changed it and so a little before its commit, to the arrival of that version. Held ' +
      'requests may leave versions out.',
    measures: [took, p99],
    checks: names
      .filter((name) => !name.startsWith('long-poll'))
      .flatMap((name) => [
        atMost(`${name}, p50, ms`, at(name, 0.5), 10),
        atMost(`${name}, p99, ms`, at(name, 0.99), 50),
      ]),
    notes: names.map((name) => `${name}: ${took.values[name]!.length} updates`),
  };
};

/** What arrives of so many jobs, all but the first version of each: nobody can follow a job before it is there. */
async function follow(
  ground: Ground,
  { jobs, warmUp, transport }: { jobs: number; warmUp: number; transport: string },
): Promise<Arrival[]> {
  const product = await openProduct(ground, {
    name: `push_${transport}`,
    model: { latencyMs: { min: modelMs, max: modelMs }, side: 256 },
    overrides: { DB_TRANSPORT: transport },
  });
  const api = await product.startApi();
  await product.startWorker();
  const [user] = await makeUsers(1);
  const headers = { authorization: `Bearer ${user!.token}`, 'content-type': 'application/json' };
  await fetch(`${api.url}/v1/me`, { headers });
  const follower = await startProgram(ground, 'follower', 'load/follower.ts', {
    apiUrl: api.url,
    supabaseUrl: product.dataApi.ready.supabaseUrl,
    publishableKey: product.variables.SUPABASE_PUBLISHABLE_KEY,
    user,
  });

  async function run(): Promise<string> {
    const answer = await fetch(`${api.url}/v1/jobs`, {
      method: 'POST',
      headers,
      body: '{"prompt": "a fox"}',
    });
    const { job } = (await answer.json()) as { job: { id: string } };
    await follower.ask({ poll: job.id });
    await waitUntilDone(product.pool, [job.id]);
    return job.id;
  }
  const warmUpTurns = warmUp / warmUpAtOnce;
  for (let turn = 0; turn < warmUpTurns; turn += 1)
    await Promise.all(Array.from({ length: warmUpAtOnce }, run));
  const measured = new Set<string>();
  for (let number = 0; number < jobs; number += 1) measured.add(await run());

  const arrivals = await follower.ask<Arrival[]>({});
  await follower.stop();
  await product.stop();
  return arrivals.filter(({ jobId, version }) => measured.has(jobId) && version > 1);
}
