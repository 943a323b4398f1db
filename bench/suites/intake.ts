import type { LoadAnswer, LoadQuestion } from '../load/program.ts';
import { addUsers, makeUsers } from '../load/users.ts';
import type { PeerName } from '../peers/peer.ts';
import { countWork } from '../world/count-work.ts';
import { openProduct } from '../world/product.ts';
import { profiled } from '../world/profiled.ts';
import { type Program, startProgram } from '../world/start-program.ts';
import { atLeast, atMost, best, emptyMeasure, ratio, takeTurns } from './statistics.ts';
import { product as darkroom, floor, type Suite } from './suite.ts';

const connections = 32;
const userCount = 1_000;
const forMs = 2_000;
const keyedName = `${darkroom}, with a key`;
const directName = `${darkroom}, DB_TRANSPORT=direct`;
const peers: PeerName[] = ['pg-boss', 'graphile-worker', 'dbos'];

interface Contestant {
  run(forMs: number): Promise<LoadAnswer>;
  cpuMs(): Promise<number>;
}

/** How many jobs are taken in a second, and what one costs the process that takes it. */
export const intake: Suite = async ({ ground, quick, guard, profiles, say }) => {
  const rounds = quick ? 2 : 3;
  const users = await makeUsers(userCount);
  const tokens = users.map(({ token }) => token);
  const load = await startProgram(ground, 'load', 'load/program.ts', { tokens });
  const product = await openProduct(ground, { model: { latencyMs: { min: 0, max: 0 }, side: 64 } });
  await addUsers(product.pool, users);
  const api = await product.startApi();
  const started: Program<unknown>[] = [load];

  const press =
    (question: Omit<LoadQuestion, 'connections' | 'forMs' | 'expect' | 'body'>) => (forMs: number) =>
      load.ask<LoadAnswer>({
        ...question,
        body: '{"prompt": "a fox with a cup of tea"}',
        connections,
        forMs,
        expect: 202,
      });
  const direct = guard ? null : await product.startApi({ DB_TRANSPORT: 'direct' });
  const ownCpu = async () => (await api.probe.read()).cpuMs;
  const contestants: Record<string, Contestant> = {
    [darkroom]: { run: press({ url: api.url, path: '/v1/jobs' }), cpuMs: ownCpu },
  };
  if (!guard)
    contestants[keyedName] = { run: press({ url: api.url, path: '/v1/jobs', keyed: true }), cpuMs: ownCpu };
  if (direct)
    contestants[directName] = {
      run: press({ url: direct.url, path: '/v1/jobs' }),
      cpuMs: async () => (await direct.probe.read()).cpuMs,
    };

  const floorDatabase = await ground.makeDatabase('intake_floor');
  await addUsers(ground.openPool(floorDatabase), users);
  const bare = await startProgram(ground, 'intake-floor', 'load/intake-floor.ts', {
    databaseUrl: floorDatabase,
    queueUrl: `${ground.redis.url}?namespace=intake_floor`,
    users: users.map(({ id }) => id),
  });
  started.push(bare);
  contestants[floor] = {
    run: (forMs) => bare.ask<LoadAnswer>({ connections, forMs }),
    cpuMs: async () => (await bare.probe.read()).cpuMs,
  };

  for (const peer of guard ? [] : peers) {
    const databaseUrl = await ground.makeDatabase(`intake_${peer}`, { empty: true });
    const place = { databaseUrl, redisUrl: ground.redis.url, concurrency: 8 };
    started.push(await startProgram(ground, `${peer}-feeder`, 'peers/feeder.ts', { peer, place }));
    const endpoint = await startProgram<{ url: string }>(ground, `${peer}-endpoint`, 'peers/endpoint.ts', {
      peer,
      place,
      jwtKey: product.variables.CLERK_JWT_KEY,
      rules: 'small',
    });
    started.push(endpoint);
    contestants[peer] = {
      run: press({ url: endpoint.ready.url, path: '/jobs' }),
      cpuMs: async () => (await endpoint.probe.read()).cpuMs,
    };
  }

  const names = Object.keys(contestants);
  const throughput = emptyMeasure('accepted', 'requests/s', 'higher', names);
  const cpu = emptyMeasure('CPU a request', 'ms', 'lower', names);
  const p50 = emptyMeasure('answered, p50', 'ms', 'lower', names);
  const p99 = emptyMeasure('answered, p99', 'ms', 'lower', names);
  const notes: string[] = [];

  for (const name of names) await warm(contestants[name]!, userCount);
  await takeTurns(rounds, names, async (name) => {
    const contestant = contestants[name]!;
    const before = await contestant.cpuMs();
    const { answered, refused, seconds, latencyMs } = await contestant.run(forMs);
    const spent = (await contestant.cpuMs()) - before;
    if (Object.keys(refused).length > 0) throw new Error(`${name} refused: ${JSON.stringify(refused)}`);
    throughput.values[name]!.push(answered / seconds);
    cpu.values[name]!.push(spent / answered);
    p50.values[name]!.push(latencyMs.p50);
    p99.values[name]!.push(latencyMs.p99);
    say(`  ${name}: ${(answered / seconds).toFixed(0)}/s, ${(spent / answered).toFixed(2)} ms of CPU`);
  });

  if (!guard) {
    const counted = await countWork(ground, product.pool, () => contestants[darkroom]!.run(forMs / 2));
    notes.push(counted.describe('request', counted.result.answered));
  }
  if (profiles)
    notes.push(
      ...(await profiled(api.probe, `${profiles}/intake.cpuprofile`, () =>
        contestants[darkroom]!.run(5_000),
      )),
    );

  for (const program of started) await program.stop();
  await product.stop();

  const bestPeer = best(cpu, peers);
  const checks = [atLeast('accepted, of the floor', ratio(throughput, darkroom, floor), 0.3)];
  if (bestPeer)
    checks.push(
      atMost(`CPU a request, of the best peer's (${bestPeer})`, ratio(cpu, darkroom, bestPeer), 1.5),
      atMost(`CPU a request with DB_TRANSPORT=direct, of the same`, ratio(cpu, directName, bestPeer), 1),
    );
  return {
    name: 'intake',
    title: 'Intake: accepting a job',
    how:
      `POST of a job over ${connections} connections by 1,000 users, ${rounds} turns of ${forMs / 1_000} s each after ` +
      `${userCount.toLocaleString('en')} requests each to warm up, nobody working the jobs off. ` +
      'CPU is that of the process that answers. The floor is the same SQL function over a bare ' +
      "connection and the same addition to the queue, in a loop without HTTP. The peers' endpoints check the same session " +
      'token, debit and make the job in two statements and enqueue in the same transaction; they know neither limits, ' +
      'nor keys, nor a ledger. Each user sends one token again and again, which the product verifies once a minute and the ' +
      'peers at each request.',
    measures: [throughput, cpu, p50, p99],
    checks,
    notes,
  };
};

/** Every user is seen once at the least: what a first sight costs comes once a user and process. */
async function warm(contestant: Contestant, requests: number): Promise<void> {
  for (let answered = 0; answered < requests; ) answered += (await contestant.run(1_000)).answered;
}
