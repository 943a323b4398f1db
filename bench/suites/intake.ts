import { countWork } from '../deployment/count-work.ts';
import { openDeployment } from '../deployment/deployment.ts';
import { profileWhile } from '../deployment/profile.ts';
import { type Program, startProgram } from '../deployment/start-program.ts';
import type { LoadAnswer, LoadQuestion } from '../load/generator.ts';
import { addUsers, makeUsers } from '../load/users.ts';
import type { PeerName } from '../peers/open-peer.ts';
import { atLeast, atMost, best, emptyMeasure, ratio, takeTurns } from './statistics.ts';
import { darkroom, floor, type Suite } from './suite.ts';

const connections = 32;
const userCount = 1_000;
const forMs = 2_000;
const keyedName = `${darkroom}, with an idempotency key`;
const directName = `${darkroom}, DB_TRANSPORT=direct`;
const peers: PeerName[] = ['pg-boss', 'graphile-worker', 'dbos'];

interface Contestant {
  run(forMs: number): Promise<LoadAnswer>;
  cpuMs(): Promise<number>;
}

/** How many jobs are accepted per second, and the CPU time of the process that accepts them. */
export const intake: Suite = async ({ servers, quick, guard, profiles, say }) => {
  const rounds = quick ? 2 : 3;
  const users = await makeUsers(userCount);
  const tokens = users.map(({ token }) => token);
  const load = await startProgram(servers, 'load', 'load/generator.ts', { tokens });
  const deployment = await openDeployment(servers, { model: { latencyMs: { min: 0, max: 0 }, side: 64 } });
  await addUsers(deployment.pool, users);
  const api = await deployment.startApi();
  const started: Program<unknown>[] = [load];

  const post =
    (question: Omit<LoadQuestion, 'connections' | 'forMs' | 'expect' | 'body'>) => (forMs: number) =>
      load.ask<LoadAnswer>({
        ...question,
        body: '{"prompt": "a fox with a cup of tea"}',
        connections,
        forMs,
        expect: 202,
      });
  const direct = guard ? null : await deployment.startApi({ DB_TRANSPORT: 'direct' });
  const ownCpu = async () => (await api.probe.read()).cpuMs;
  const contestants: Record<string, Contestant> = {
    [darkroom]: { run: post({ url: api.url, path: '/v1/jobs' }), cpuMs: ownCpu },
  };
  if (!guard)
    contestants[keyedName] = { run: post({ url: api.url, path: '/v1/jobs', keyed: true }), cpuMs: ownCpu };
  if (direct)
    contestants[directName] = {
      run: post({ url: direct.url, path: '/v1/jobs' }),
      cpuMs: async () => (await direct.probe.read()).cpuMs,
    };

  const floorDatabase = await servers.makeDatabase('intake_floor');
  await addUsers(servers.openPool(floorDatabase), users);
  const bare = await startProgram(servers, 'intake-floor', 'load/intake-floor.ts', {
    databaseUrl: floorDatabase,
    queueUrl: `${servers.redis.url}?namespace=intake_floor`,
    users: users.map(({ id }) => id),
  });
  started.push(bare);
  contestants[floor] = {
    run: (forMs) => bare.ask<LoadAnswer>({ connections, forMs }),
    cpuMs: async () => (await bare.probe.read()).cpuMs,
  };

  for (const peer of guard ? [] : peers) {
    const databaseUrl = await servers.makeDatabase(`intake_${peer}`, { empty: true });
    const peerOptions = { databaseUrl, redisUrl: servers.redis.url, concurrency: 8 };
    started.push(await startProgram(servers, `${peer}-feeder`, 'peers/feeder.ts', { peer, peerOptions }));
    const endpoint = await startProgram<{ url: string }>(servers, `${peer}-endpoint`, 'peers/endpoint.ts', {
      peer,
      peerOptions,
      jwtKey: deployment.variables.CLERK_JWT_KEY,
      rules: 'small',
    });
    started.push(endpoint);
    contestants[peer] = {
      run: post({ url: endpoint.ready.url, path: '/jobs' }),
      cpuMs: async () => (await endpoint.probe.read()).cpuMs,
    };
  }

  const names = Object.keys(contestants);
  const throughput = emptyMeasure('accepted requests', 'requests/s', 'higher', names);
  const cpu = emptyMeasure('CPU per request', 'ms', 'lower', names);
  const p50 = emptyMeasure('latency p50', 'ms', 'lower', names);
  const p99 = emptyMeasure('latency p99', 'ms', 'lower', names);
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
    const counted = await countWork(servers, deployment.pool, () => contestants[darkroom]!.run(forMs / 2));
    notes.push(counted.describe('request', counted.result.answered));
  }
  if (profiles)
    notes.push(
      ...(await profileWhile(api.probe, `${profiles}/intake.cpuprofile`, () =>
        contestants[darkroom]!.run(5_000),
      )),
    );

  for (const program of started) await program.stop();
  await deployment.stop();

  const bestPeer = best(cpu, peers);
  const checks = [atLeast('accepted requests, ratio to the floor', ratio(throughput, darkroom, floor), 0.3)];
  if (bestPeer)
    checks.push(
      atMost(`CPU per request, ratio to the best peer (${bestPeer})`, ratio(cpu, darkroom, bestPeer), 1.5),
      atMost(
        'CPU per request with DB_TRANSPORT=direct, ratio to the same peer',
        ratio(cpu, directName, bestPeer),
        1,
      ),
    );
  return {
    name: 'intake',
    title: 'Intake: accepting jobs',
    how:
      `POST of jobs over ${connections} connections by 1,000 users, ${rounds} turns of ${forMs / 1_000} s each after ` +
      `${userCount.toLocaleString('en')} requests of warm-up, without workers. CPU is that of the answering process. The floor is the ` +
      'same SQL function over a direct connection and the same enqueue, in a loop without HTTP. The endpoints of the peers ' +
      'check the same session token, debit credits and create the job in two statements, and enqueue in the same ' +
      'transaction; they have no limits, idempotency keys or ledger. Each user sends the same token, which Darkroom ' +
      'verifies once a minute and the peers verify in each request.',
    measures: [throughput, cpu, p50, p99],
    checks,
    notes,
  };
};

/** Every user sends a request, because the first one of a user in a process costs more. */
async function warm(contestant: Contestant, requests: number): Promise<void> {
  for (let answered = 0; answered < requests; ) answered += (await contestant.run(1_000)).answered;
}
