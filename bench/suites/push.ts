import { openDeployment } from '../deployment/deployment.ts';
import type { Servers } from '../deployment/servers.ts';
import { startProgram } from '../deployment/start-program.ts';
import type { Arrival, Channel } from '../load/follower.ts';
import { makeUsers } from '../load/users.ts';
import { waitUntilDone } from '../work/submit.ts';
import { atMost, emptyMeasure, quantile } from './statistics.ts';
import type { Suite } from './suite.ts';

const channels: Channel[] = ['sse', 'realtime', 'long-poll'];
const transports = { '': 'supabase', ', DB_TRANSPORT=direct': 'direct' };
const modelMs = 300;
const warmUpAtOnce = 4;

/** How soon a change reaches the clients that follow it. */
export const push: Suite = async ({ servers, quick, say }) => {
  const jobs = quick ? 10 : 30;
  const warmUp = quick ? 4 : 40;
  const names = Object.keys(transports).flatMap((suffix) => channels.map((channel) => channel + suffix));
  const took = emptyMeasure('commit to received', 'ms', 'lower', names);
  for (const [suffix, transport] of Object.entries(transports)) {
    for (const { channel, tookMs } of await follow(servers, { jobs, warmUp, transport })) {
      took.values[channel + suffix]!.push(tookMs);
    }
  }
  const p99 = emptyMeasure('p99', 'ms', 'lower', names);
  const at = (name: string, share: number) => quantile(took.values[name]!, share);
  for (const name of names) {
    p99.values[name] = [at(name, 0.99)];
    say(`  ${name}: p50 ${at(name, 0.5).toFixed(1)} ms, p99 ${at(name, 0.99).toFixed(1)} ms`);
  }
  return {
    name: 'push',
    title: 'Push: from a change to its followers',
    how:
      `${jobs} jobs, one at a time, after ${warmUp} jobs of warm-up, followed by one client over server-sent events, Supabase Realtime ` +
      'and long polling at once; then the same with DB_TRANSPORT=direct in API and worker. From the time in the row, which ' +
      'is that of the statement that changed it and slightly before the commit, to the arrival of that version. Long ' +
      'polling may skip versions.',
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

/** The arrivals of all versions but the first, because a client can follow a job only after its creation. */
async function follow(
  servers: Servers,
  { jobs, warmUp, transport }: { jobs: number; warmUp: number; transport: string },
): Promise<Arrival[]> {
  const deployment = await openDeployment(servers, {
    name: `push_${transport}`,
    model: { latencyMs: { min: modelMs, max: modelMs }, side: 256 },
    overrides: { DB_TRANSPORT: transport },
  });
  const api = await deployment.startApi();
  await deployment.startWorker();
  const [user] = await makeUsers(1);
  const headers = { authorization: `Bearer ${user!.token}`, 'content-type': 'application/json' };
  await fetch(`${api.url}/v1/me`, { headers });
  const follower = await startProgram(servers, 'follower', 'load/follower.ts', {
    apiUrl: api.url,
    supabaseUrl: deployment.dataApi.ready.supabaseUrl,
    publishableKey: deployment.variables.SUPABASE_PUBLISHABLE_KEY,
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
    await waitUntilDone(deployment.pool, [job.id]);
    return job.id;
  }
  const warmUpTurns = warmUp / warmUpAtOnce;
  for (let turn = 0; turn < warmUpTurns; turn += 1)
    await Promise.all(Array.from({ length: warmUpAtOnce }, run));
  const measured = new Set<string>();
  for (let number = 0; number < jobs; number += 1) measured.add(await run());

  const arrivals = await follower.ask<Arrival[]>({});
  await follower.stop();
  await deployment.stop();
  return arrivals.filter(({ jobId, version }) => measured.has(jobId) && version > 1);
}
