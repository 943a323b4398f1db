import type pg from 'pg';
import { type PeerName, peerNames } from '../peers/peer.ts';
import { startRestate } from '../peers/restate-server.ts';
import { openFeed } from '../work/feed.ts';
import { submitJobs, throughputOf, waitUntilDone } from '../work/submit.ts';
import { countWork } from '../world/count-work.ts';
import type { Probe } from '../world/probe.ts';
import { openProduct, type Product } from '../world/product.ts';
import { profiled } from '../world/profiled.ts';
import { type Program, startProgram } from '../world/start-program.ts';
import { atLeast, emptyMeasure, ratio, takeTurns } from './statistics.ts';
import { type Check, product as darkroom, floor, type Suite } from './suite.ts';

const concurrency = 8;
const instant = { latencyMs: { min: 0, max: 0 } };
const dataApiFloor = 'floor, by the Data API';
const direct = `${darkroom}, DB_TRANSPORT=direct`;

interface Contestant {
  pool: pg.Pool;
  /** Hands over jobs that exist. */
  feed(jobIds: string[]): Promise<void>;
  probe: Probe;
}

/** How fast one worker process works off what waits, and what a job costs it. */
export const drain: Suite = async ({ ground, quick, guard, profiles, say }) => {
  const batch = 60;
  const rounds = quick ? 2 : 3;
  const warmUp = 40;
  const product = await openProduct(ground, { model: instant });
  const worker = await product.startWorker({ WORKER_CONCURRENCY: String(concurrency) });
  const { model, store, imageBytes } = product.outside.ready;
  const outside = { model, store };
  const started: { stop(): Promise<unknown> }[] = [];

  const contestants: Record<string, Contestant> = {
    [darkroom]: feedProduct(product, worker.probe),
    [floor]: await addFloor(),
  };
  if (!guard) {
    contestants[direct] = await addDirect();
    contestants[dataApiFloor] = await addFloor({ byDataApi: true });
    for (const peer of peerNames) {
      const added = await addPeer(peer).catch((error: Error) =>
        say(`  ${peer} is left out: ${error.message}`),
      );
      if (added) contestants[peer] = added;
    }
  }

  const names = Object.keys(contestants);
  const throughput = emptyMeasure('done', 'jobs/s', 'higher', names);
  const cpu = emptyMeasure('CPU a job', 'ms', 'lower', names);
  for (const name of names) await run(contestants[name]!, warmUp);
  await takeTurns(rounds, names, async (name) => {
    const { jobsPerSecond, cpuMs } = await run(contestants[name]!, batch);
    throughput.values[name]!.push(jobsPerSecond);
    cpu.values[name]!.push(cpuMs);
    say(`  ${name}: ${jobsPerSecond.toFixed(1)}/s, ${cpuMs.toFixed(1)} ms of CPU`);
  });

  const notes: string[] = [];
  const own = contestants[darkroom]!;
  if (!guard) {
    const counted = await countWork(ground, product.pool, () => run(own, 60));
    notes.push(counted.describe('job', 60, counted.result.ownTransactions));
  }
  if (profiles)
    notes.push(...(await profiled(worker.probe, `${profiles}/drain.cpuprofile`, () => run(own, 150))));

  for (const program of started) await program.stop();
  await product.stop();

  const peers = peerNames.filter((name) => name in contestants);
  return {
    name: 'drain',
    title: 'Drain: working jobs off',
    how:
      `One worker process, ${concurrency} jobs at once, ${rounds} turns of ${batch} jobs that wait, after ${warmUp} to warm up. The model answers at once ` +
      `with a PNG of 1024 pixels (${(imageBytes / 1e6).toFixed(1)} MB); it is decoded, a thumbnail made, both uploaded, and ` +
      'every write of the job made by the same SQL functions. The floor does just that in a loop over a bare connection to ' +
      "Postgres. The peers run the floor's code as their handler, over a bare connection too. The product goes through " +
      "Supabase's Data API, and so does the second floor; with DB_TRANSPORT=direct it has connections of its own, as the " +
      'floor and the peers do.',
    measures: [throughput, cpu],
    checks: [
      atLeast('jobs a second, of the floor', ratio(throughput, darkroom, floor), 0.85),
      ...(guard ? [] : likeWithLike()),
      ...peers.map((peer) => atLeast(`jobs a second, of ${peer}`, ratio(throughput, darkroom, peer), 1)),
    ],
    notes,
  };

  /** Either way to the database, beside those who go the same way. */
  function likeWithLike(): Check[] {
    const byDataApi = ratio(throughput, darkroom, dataApiFloor);
    return [
      atLeast('jobs a second, of the floor by the Data API', byDataApi, 0.85),
      ...[floor, ...peers].map((other) =>
        atLeast(
          `jobs a second with DB_TRANSPORT=direct, of ${other === floor ? 'the floor' : other}`,
          ratio(throughput, direct, other),
          other === floor ? 0.85 : 1,
        ),
      ),
    ];
  }

  async function run({ pool, feed, probe }: Contestant, count: number) {
    const jobIds = await submitJobs(pool, count);
    const before = (await probe.read()).cpuMs;
    await feed(jobIds);
    const asked = await waitUntilDone(pool, jobIds);
    const cpuMs = ((await probe.read()).cpuMs - before) / count;
    const jobsPerSecond = await throughputOf(pool, jobIds);
    // With the statements that made the jobs, read and noted their delivery and told their times.
    return { jobsPerSecond, cpuMs, ownTransactions: asked + 4 };
  }

  function feedProduct(fed: Product, probe: Probe): Contestant {
    const queue = openFeed(fed);
    started.push({ stop: queue.close });
    return { pool: fed.pool, probe, feed: queue.deliver };
  }

  async function addDirect(): Promise<Contestant> {
    const beside = await openProduct(ground, { name: 'direct', model: instant });
    const variables = { WORKER_CONCURRENCY: String(concurrency), DB_TRANSPORT: 'direct' };
    const contestant = feedProduct(beside, (await beside.startWorker(variables)).probe);
    started.push(beside);
    return contestant;
  }

  async function addFloor({ byDataApi = false } = {}): Promise<Contestant> {
    // Databases of their own: the product's sweeper would see to jobs that wait in its own.
    const beside = byDataApi ? await openProduct(ground, { name: 'floor', model: instant }) : undefined;
    const databaseUrl = beside?.databaseUrl ?? (await ground.makeDatabase('drain_floor'));
    const dataApi = beside && {
      supabaseUrl: beside.dataApi.ready.supabaseUrl,
      secretKey: beside.variables.SUPABASE_SECRET_KEY,
    };
    const order = { databaseUrl, outside, concurrency, dataApi };
    const program: Program<object> = await startProgram(ground, 'floor', 'work/floor.ts', order);
    started.push(program);
    if (beside) started.push(beside);
    const pool = beside?.pool ?? ground.openPool(databaseUrl);
    return { pool, probe: program.probe, feed: (jobIds) => program.ask({ jobIds }) };
  }

  async function addPeer(peer: PeerName): Promise<Contestant> {
    const databaseUrl = await ground.makeDatabase(`drain_${peer}`);
    const restate = peer === 'restate' ? await startRestate(ground, { concurrency }) : undefined;
    if (restate) started.push(restate);
    const place = { databaseUrl, redisUrl: ground.redis.url, concurrency, restate };
    const feeder = await startProgram(ground, `${peer}-feeder`, 'peers/feeder.ts', { peer, place });
    started.unshift(feeder);
    const order = { peer, place, outside, tell: false };
    const program = await startProgram(ground, `${peer}-worker`, 'peers/worker.ts', order);
    started.unshift(program);
    return {
      pool: ground.openPool(databaseUrl),
      probe: program.probe,
      feed: (jobIds) => feeder.ask({ jobIds }),
    };
  }
};
