import type { Arrival, Channel } from '../load/follower.ts';
import { makeUsers } from '../load/users.ts';
import { waitUntilDone } from '../work/submit.ts';
import { openProduct } from '../world/product.ts';
import { startProgram } from '../world/start-program.ts';
import { atMost, emptyMeasure, quantile } from './statistics.ts';
import type { Suite } from './suite.ts';

const channels: Channel[] = ['sse', 'realtime', 'long-poll'];
const modelMs = 300;

/** How soon a change is with those who follow it. */
export const push: Suite = async ({ ground, quick, say }) => {
  const jobs = quick ? 10 : 40;
  const product = await openProduct(ground, {
    model: { latencyMs: { min: modelMs, max: modelMs }, side: 256 },
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

  const measured = new Set<string>();
  for (let number = 0; number < jobs + 2; number += 1) {
    const answer = await fetch(`${api.url}/v1/jobs`, {
      method: 'POST',
      headers,
      body: '{"prompt": "a fox"}',
    });
    const { job } = (await answer.json()) as { job: { id: string } };
    await follower.ask({ poll: job.id });
    await waitUntilDone(product.pool, [job.id]);
    if (number >= 2) measured.add(job.id);
  }
  const arrivals = await follower.ask<Arrival[]>({});
  await follower.stop();
  await product.stop();

  // The first version is there before anybody can follow it.
  const seen = arrivals.filter(({ jobId, version }) => measured.has(jobId) && version > 1);
  const took = emptyMeasure('commit to received', 'ms', 'lower', channels);
  for (const { channel, tookMs } of seen) took.values[channel]!.push(tookMs);
  const p99 = emptyMeasure('p99 of it', 'ms', 'lower', channels);
  for (const channel of channels) p99.values[channel] = [quantile(took.values[channel]!, 0.99)];
  const at = (channel: Channel, share: number) => quantile(took.values[channel]!, share);
  for (const channel of channels) {
    say(`  ${channel}: p50 ${at(channel, 0.5).toFixed(1)} ms, p99 ${at(channel, 0.99).toFixed(1)} ms`);
  }
  return {
    name: 'push',
    title: 'Push: a change in the hands of those who follow it',
    how:
      `${jobs} jobs, one at a time, followed by one client over server-sent events, Supabase Realtime and held requests at once. ` +
      'From the time the row carries, which is that of the statement that changed it and so a little before its commit, to ' +
      'the arrival of that version. Held requests may leave versions out.',
    measures: [took, p99],
    checks: (['sse', 'realtime'] as const).flatMap((channel) => [
      atMost(`${channel}, p50, ms`, at(channel, 0.5), 10),
      atMost(`${channel}, p99, ms`, at(channel, 0.99), 50),
    ]),
    notes: channels.map((channel) => `${channel}: ${took.values[channel]!.length} updates`),
  };
};
