import { type Deployment, openDeployment } from '../deployment/deployment.ts';
import { startProgram } from '../deployment/start-program.ts';
import { type BenchUser, makeUsers } from '../load/users.ts';
import { type PeerName, peerNames } from '../peers/open-peer.ts';
import { startRestate } from '../peers/restate-server.ts';
import { atMost, emptyMeasure, quantile, takeTurns } from './statistics.ts';
import { darkroom, type Suite } from './suite.ts';

const concurrency = 8;
const modelMs = 200;
/** Warm-up jobs of each contestant: new processes are several times slower than long-running ones. */
const jobsToWarmUp = 40;
const inline = 'inline';
const directName = `${darkroom}, DB_TRANSPORT=direct`;
const ours = [darkroom, directName];

/** The time that everything except the model adds to one job, as its client sees it. */
export const overhead: Suite = async ({ servers, quick, say }) => {
  const samples = quick ? 12 : 20;
  const warmUp = quick ? 3 : jobsToWarmUp;
  const latencyMs = { min: modelMs, max: modelMs };
  const deployment = await openDeployment(servers, { model: { latencyMs } });
  const direct = await openDeployment(servers, {
    name: 'darkroom_direct',
    model: { latencyMs },
    overrides: { DB_TRANSPORT: 'direct' },
  });
  const { model, store } = deployment.services.ready;
  const services = { model, store };
  const [user] = await makeUsers(1);
  const started: { stop(): Promise<unknown> }[] = [];

  const asks: Record<string, () => Promise<void>> = {
    [darkroom]: await addDeployment(deployment),
    [directName]: await addDeployment(direct),
  };
  const jwtKey = deployment.variables.CLERK_JWT_KEY!;
  asks[inline] = await addEndpoint();
  for (const peer of peerNames) {
    const added = await addEndpoint(peer).catch((error: Error) =>
      say(`  ${peer} is skipped: ${error.message}`),
    );
    if (added) asks[peer] = added;
  }

  const names = Object.keys(asks);
  const took = emptyMeasure('submit to completed, without the model', 'ms', 'lower', names);
  await Promise.all(
    names.map(async (name) => {
      for (let turn = 0; turn < warmUp; turn += 1) await asks[name]!();
    }),
  );
  await takeTurns(samples, names, async (name) => {
    const begun = performance.now();
    await asks[name]!();
    took.values[name]!.push(performance.now() - begun - modelMs);
  });
  const p99 = emptyMeasure('p99', 'ms', 'lower', names);
  for (const name of names) {
    const values = took.values[name]!;
    p99.values[name] = [quantile(values, 0.99)];
    say(`  ${name}: p50 ${quantile(values, 0.5).toFixed(0)} ms, p99 ${quantile(values, 0.99).toFixed(0)} ms`);
  }

  for (const program of started) await program.stop();
  await direct.stop();
  await deployment.stop();

  const p50 = (name: string) => quantile(took.values[name]!, 0.5);
  const peers = names.filter((name) => name !== inline && !ours.includes(name));
  return {
    name: 'overhead',
    title: 'Overhead: one job on an idle deployment',
    how:
      `From the request until a waiting client has the completed job, minus the ${modelMs} ms of the model; ${samples} jobs of each ` +
      `contestant, one at a time, in turns, after ${warmUp} jobs of warm-up each. The client of Darkroom sends Prefer: wait. Darkroom ` +
      'uses Supabase\'s Data API, its default, or direct connections (DB_TRANSPORT=direct), as all others do. "inline" runs ' +
      'all steps within the request, over a direct connection. Each peer has an endpoint and a worker process, which ' +
      'notifies the endpoint by NOTIFY.',
    measures: [took, p99],
    checks: ours.flatMap((one) => {
      const how = one === directName ? ' with DB_TRANSPORT=direct' : '';
      return [
        atMost(`p50${how} above inline, ms`, p50(one) - p50(inline), 20),
        ...peers.map((peer) => atMost(`p50${how}, ratio to ${peer}`, p50(one) / p50(peer), 1)),
      ];
    }),
    notes: [],
  };

  async function addDeployment({ startApi, startWorker }: Deployment): Promise<() => Promise<void>> {
    const api = await startApi();
    await startWorker({ WORKER_CONCURRENCY: String(concurrency) });
    return () => submitAndWait(`${api.url}/v1/jobs`, user!);
  }

  async function addEndpoint(peer?: PeerName): Promise<() => Promise<void>> {
    const databaseUrl = await servers.makeDatabase(`overhead_${peer ?? inline}`);
    const restate = peer === 'restate' ? await startRestate(servers, { concurrency }) : undefined;
    if (restate) started.push(restate);
    const peerOptions = { databaseUrl, redisUrl: servers.redis.url, concurrency, restate };
    if (peer) {
      started.unshift(
        await startProgram(servers, `${peer}-feeder`, 'peers/feeder.ts', { peer, peerOptions }),
      );
      const options = { peer, peerOptions, services, notify: true };
      started.unshift(await startProgram(servers, `${peer}-worker`, 'peers/worker.ts', options));
    }
    const options = { peer, peerOptions, jwtKey, rules: 'darkroom', services };
    const endpoint = await startProgram<{ url: string }>(servers, 'endpoint', 'peers/endpoint.ts', options);
    started.unshift(endpoint);
    return () => submitAndWait(`${endpoint.ready.url}/jobs`, user!);
  }
};

/** @throws unless the answer is the completed job. */
async function submitAndWait(url: string, { token }: BenchUser): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', prefer: 'wait=20' },
    body: '{"prompt": "a fox with a cup of tea"}',
  });
  const body = (await answer.json()) as { status?: string; job?: { status: string } };
  const status = body.job?.status ?? body.status;
  if (status !== 'completed') throw new Error(`${url} answered ${answer.status} ${JSON.stringify(body)}`);
}
