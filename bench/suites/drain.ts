import type pg from 'pg';
import { countWork } from '../deployment/count-work.ts';
import { type Deployment, openDeployment } from '../deployment/deployment.ts';
import type { Probe } from '../deployment/probe.ts';
import { profileWhile } from '../deployment/profile.ts';
import { type Program, startProgram } from '../deployment/start-program.ts';
import { type PeerName, peerNames } from '../peers/open-peer.ts';
import { startRestate } from '../peers/restate-server.ts';
import { openFeed } from '../work/feed.ts';
import { submitJobs, throughputOf, waitUntilDone } from '../work/submit.ts';
import { atLeast, emptyMeasure, ratio, takeTurns } from './statistics.ts';
import { type Check, darkroom, floor, type Suite } from './suite.ts';

const concurrency = 8;
const instant = { latencyMs: { min: 0, max: 0 } };
const dataApiFloor = 'floor over the Data API';
const direct = `${darkroom}, DB_TRANSPORT=direct`;

interface Contestant {
  pool: pg.Pool;
  /** Enqueues existing jobs. */
  feed(jobIds: string[]): Promise<void>;
  probe: Probe;
}

/** The throughput of one worker process with a full queue, and the CPU time of a job. */
export const drain: Suite = async ({ servers, quick, guard, profiles, say }) => {
  const batch = 60;
  const rounds = quick ? 2 : 3;
  const warmUp = 40;
  const deployment = await openDeployment(servers, { model: instant });
  const worker = await deployment.startWorker({ WORKER_CONCURRENCY: String(concurrency) });
  const { model, store, imageBytes } = deployment.services.ready;
  const services = { model, store };
  const started: { stop(): Promise<unknown> }[] = [];

  const contestants: Record<string, Contestant> = {
    [darkroom]: feedDeployment(deployment, worker.probe),
    [floor]: await addFloor(),
  };
  if (!guard) {
    contestants[direct] = await addDirect();
    contestants[dataApiFloor] = await addFloor({ byDataApi: true });
    for (const peer of peerNames) {
      const added = await addPeer(peer).catch((error: Error) =>
        say(`  ${peer} is skipped: ${error.message}`),
      );
      if (added) contestants[peer] = added;
    }
  }

  const names = Object.keys(contestants);
  const throughput = emptyMeasure('completed jobs', 'jobs/s', 'higher', names);
  const cpu = emptyMeasure('CPU per job', 'ms', 'lower', names);
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
    const counted = await countWork(servers, deployment.pool, () => run(own, 60));
    notes.push(counted.describe('job', 60, counted.result.ownTransactions));
  }
  if (profiles)
    notes.push(...(await profileWhile(worker.probe, `${profiles}/drain.cpuprofile`, () => run(own, 150))));

  for (const program of started) await program.stop();
  await deployment.stop();

  const peers = peerNames.filter((name) => name in contestants);
  return {
    name: 'drain',
    title: 'Drain: running queued jobs',
    how:
      `One worker process with a concurrency of ${concurrency}, ${rounds} turns of ${batch} queued jobs, after ${warmUp} jobs of warm-up. The ` +
      `model answers immediately with a PNG of 1024 pixels (${(imageBytes / 1e6).toFixed(1)} MB). For each job, the image is decoded, a ` +
      'thumbnail is made, both are uploaded, and the same SQL functions write to the database. The floor does only that, ' +
      "in a loop over a direct connection to Postgres. The peers run the floor's code as their handler, over a direct " +
      "connection, too. Darkroom and the second floor use Supabase's Data API; with DB_TRANSPORT=direct Darkroom has " +
      'direct connections, as the floor and the peers have.',
    measures: [throughput, cpu],
    checks: [
      atLeast('jobs per second, ratio to the floor', ratio(throughput, darkroom, floor), 0.85),
      ...(guard ? [] : sameTransport()),
      ...peers.map((peer) =>
        atLeast(`jobs per second, ratio to ${peer}`, ratio(throughput, darkroom, peer), 1),
      ),
    ],
    notes,
  };

  /** Each transport compared with contestants that use the same one. */
  function sameTransport(): Check[] {
    const byDataApi = ratio(throughput, darkroom, dataApiFloor);
    return [
      atLeast('jobs per second, ratio to the floor over the Data API', byDataApi, 0.85),
      ...[floor, ...peers].map((other) =>
        atLeast(
          `jobs per second with DB_TRANSPORT=direct, ratio to ${other === floor ? 'the floor' : other}`,
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
    // Plus the four statements that create the jobs, enqueue them and read their times.
    return { jobsPerSecond, cpuMs, ownTransactions: asked + 4 };
  }

  function feedDeployment(fed: Deployment, probe: Probe): Contestant {
    const queue = openFeed(fed);
    started.push({ stop: queue.close });
    return { pool: fed.pool, probe, feed: queue.deliver };
  }

  async function addDirect(): Promise<Contestant> {
    const beside = await openDeployment(servers, { name: 'direct', model: instant });
    const variables = { WORKER_CONCURRENCY: String(concurrency), DB_TRANSPORT: 'direct' };
    const contestant = feedDeployment(beside, (await beside.startWorker(variables)).probe);
    started.push(beside);
    return contestant;
  }

  async function addFloor({ byDataApi = false } = {}): Promise<Contestant> {
    // A separate database, because the sweeper of a deployment would enqueue jobs that wait in its database.
    const beside = byDataApi ? await openDeployment(servers, { name: 'floor', model: instant }) : undefined;
    const databaseUrl = beside?.databaseUrl ?? (await servers.makeDatabase('drain_floor'));
    const dataApi = beside && {
      supabaseUrl: beside.dataApi.ready.supabaseUrl,
      secretKey: beside.variables.SUPABASE_SECRET_KEY,
    };
    const options = { databaseUrl, services, concurrency, dataApi };
    const program: Program<object> = await startProgram(servers, 'floor', 'work/floor.ts', options);
    started.push(program);
    if (beside) started.push(beside);
    const pool = beside?.pool ?? servers.openPool(databaseUrl);
    return { pool, probe: program.probe, feed: (jobIds) => program.ask({ jobIds }) };
  }

  async function addPeer(peer: PeerName): Promise<Contestant> {
    const databaseUrl = await servers.makeDatabase(`drain_${peer}`);
    const restate = peer === 'restate' ? await startRestate(servers, { concurrency }) : undefined;
    if (restate) started.push(restate);
    const peerOptions = { databaseUrl, redisUrl: servers.redis.url, concurrency, restate };
    const feeder = await startProgram(servers, `${peer}-feeder`, 'peers/feeder.ts', { peer, peerOptions });
    started.unshift(feeder);
    const options = { peer, peerOptions, services, notify: false };
    const program = await startProgram(servers, `${peer}-worker`, 'peers/worker.ts', options);
    started.unshift(program);
    return {
      pool: servers.openPool(databaseUrl),
      probe: program.probe,
      feed: (jobIds) => feeder.ask({ jobIds }),
    };
  }
};
