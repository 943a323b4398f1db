import { type BenchUser, makeUsers } from '../load/users.ts';
import { type PeerName, peerNames } from '../peers/peer.ts';
import { startRestate } from '../peers/restate-server.ts';
import { openProduct, type Product } from '../world/product.ts';
import { startProgram } from '../world/start-program.ts';
import { atMost, emptyMeasure, quantile, takeTurns } from './statistics.ts';
import { product as darkroom, type Suite } from './suite.ts';

const concurrency = 8;
const modelMs = 200;
/** Jobs each before it counts: code that has run a few times is several times as slow as code of a process that is up for long. */
const jobsToWarmUp = 40;
const inline = 'inline';
const directName = `${darkroom}, DB_TRANSPORT=direct`;
const ours = [darkroom, directName];

/** What everything around the model adds to one job, as its client sees it. */
export const overhead: Suite = async ({ ground, quick, say }) => {
  const samples = quick ? 12 : 20;
  const warmUp = quick ? 3 : jobsToWarmUp;
  const latencyMs = { min: modelMs, max: modelMs };
  const product = await openProduct(ground, { model: { latencyMs } });
  const direct = await openProduct(ground, {
    name: 'darkroom_direct',
    model: { latencyMs },
    overrides: { DB_TRANSPORT: 'direct' },
  });
  const { model, store } = product.outside.ready;
  const outside = { model, store };
  const [user] = await makeUsers(1);
  const started: { stop(): Promise<unknown> }[] = [];

  const asks: Record<string, () => Promise<void>> = {
    [darkroom]: await addProduct(product),
    [directName]: await addProduct(direct),
  };
  const jwtKey = product.variables.CLERK_JWT_KEY!;
  asks[inline] = await addEndpoint();
  for (const peer of peerNames) {
    const added = await addEndpoint(peer).catch((error: Error) =>
      say(`  ${peer} is left out: ${error.message}`),
    );
    if (added) asks[peer] = added;
  }

  const names = Object.keys(asks);
  const took = emptyMeasure('submit to completed, less the model', 'ms', 'lower', names);
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
  const p99 = emptyMeasure('p99 of it', 'ms', 'lower', names);
  for (const name of names) {
    const values = took.values[name]!;
    p99.values[name] = [quantile(values, 0.99)];
    say(`  ${name}: p50 ${quantile(values, 0.5).toFixed(0)} ms, p99 ${quantile(values, 0.99).toFixed(0)} ms`);
  }

  for (const program of started) await program.stop();
  await direct.stop();
  await product.stop();

  const p50 = (name: string) => quantile(took.values[name]!, 0.5);
  const peers = names.filter((name) => name !== inline && !ours.includes(name));
  return {
    name: 'overhead',
    title: 'Overhead: one job on an idle system',
    how:
      `From the request to "completed" in the hands of a client that waits for it, less the ${modelMs} ms that the model takes; ` +
      `${samples} jobs each, one at a time, in turns, after ${warmUp} each to warm up. The product's client sends Prefer: wait; once the product goes through ` +
      "Supabase's Data API, its default, and once over connections of its own (DB_TRANSPORT=direct), as all others do. " +
      '"inline" does all steps within the request, over a bare connection. The peers have an endpoint and a worker process; ' +
      'the worker tells the endpoint by NOTIFY.',
    measures: [took, p99],
    checks: ours.flatMap((one) => {
      const how = one === directName ? ' with DB_TRANSPORT=direct' : '';
      return [
        atMost(`p50${how} above inline, ms`, p50(one) - p50(inline), 20),
        ...peers.map((peer) => atMost(`p50${how}, of ${peer}'s`, p50(one) / p50(peer), 1)),
      ];
    }),
    notes: [],
  };

  async function addProduct({ startApi, startWorker }: Product): Promise<() => Promise<void>> {
    const api = await startApi();
    await startWorker({ WORKER_CONCURRENCY: String(concurrency) });
    return () => submitAndWait(`${api.url}/v1/jobs`, user!);
  }

  async function addEndpoint(peer?: PeerName): Promise<() => Promise<void>> {
    const databaseUrl = await ground.makeDatabase(`overhead_${peer ?? inline}`);
    const restate = peer === 'restate' ? await startRestate(ground, { concurrency }) : undefined;
    if (restate) started.push(restate);
    const place = { databaseUrl, redisUrl: ground.redis.url, concurrency, restate };
    if (peer) {
      started.unshift(await startProgram(ground, `${peer}-feeder`, 'peers/feeder.ts', { peer, place }));
      const order = { peer, place, outside, tell: true };
      started.unshift(await startProgram(ground, `${peer}-worker`, 'peers/worker.ts', order));
    }
    const order = { peer, place, jwtKey, rules: 'product', outside };
    const endpoint = await startProgram<{ url: string }>(ground, 'endpoint', 'peers/endpoint.ts', order);
    started.unshift(endpoint);
    return () => submitAndWait(`${endpoint.ready.url}/jobs`, user!);
  }
};

/** @throws unless the answer is the finished job. */
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
