import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Answer } from './command.ts';
import { type ClockedDatabase, type Hold, openClockedDatabase } from './database.ts';
import { emptyModel, hours, seconds } from './model.ts';
import { readSettings } from './settings.ts';

/** Meetings of two calls that chance alone seldom brings about. */
const [w1, w2] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
const settings = readSettings(process.env, { seed: 0, commands: 0 });
let database: ClockedDatabase;
let now: number;
beforeAll(async () => {
  database = await openClockedDatabase({ connections: 13, patch: settings.patch });
});
beforeEach(async () => {
  await database.empty();
  now = emptyModel.now;
  await pass(0);
});
afterEach(async () => expect(await database.audit()).toEqual([]));
afterAll(() => database.close());

it('leaves a job with the live worker that claims it while a sweep frees those of a dead one', async () => {
  const ids = await submit(Array(400).fill(hours(1)));
  const sweeper = database.doors.length - 1;
  for (let round = 0; round < 12; round += 1) {
    await call('heartbeat', w1);
    await database.run(`update image_generation_jobs set status = 'processing', attempt = attempt + 1`);
    await database.run(`update job_runs set worker_id = $1, claimed_at = run_at, attempt = attempt + 1`, [
      w1,
    ]);
    await pass(seconds(31));
    await call('heartbeat', w2);
    const claimed: string[] = [];
    const claimInTurn = async (door: number) => {
      for (const id of ids.slice(-20 * sweeper).filter((_, n) => n % sweeper === door)) {
        if (kindOf(await callBy(door, 'claim_job', id, w2)) === 'claimed') claimed.push(id);
      }
    };
    await Promise.all([
      callBy(sweeper, 'sweep'),
      ...ids.slice(0, sweeper).map((_, door) => claimInTurn(door)),
    ]);
    const { jobs } = await database.read(now);
    expect(claimed.filter((id) => jobs[id]!.run!.worker_id !== w2)).toEqual([]);
  }
});

it.each(['sweep', 'claim_job'])(
  'tells a late heartbeat of what a %s takes at the same moment',
  async (taker) => {
    const [id] = await submit([hours(1)]);
    await call('heartbeat', w1);
    await call('claim_job', id, w1);
    await pass(seconds(31));
    await call('heartbeat', w2);
    const [, heartbeat] = await whileHeld('runs', [
      taker === 'sweep' ? ['sweep'] : ['claim_job', id, w2],
      ['heartbeat', w1, JSON.stringify([{ job_id: id, attempt: 1 }])],
    ]);
    const isHeld = (await database.read(now)).jobs[id!]!.run!.worker_id === w1;
    expect((heartbeat as { lost: unknown[] }).lost).toEqual(isHeld ? [] : [{ job_id: id, attempt: 1 }]);
  },
);

it('claims what a late heartbeat frees at the same moment', async () => {
  const [id] = await submit([hours(1)]);
  await call('heartbeat', w1);
  await call('claim_job', id, w1);
  await pass(seconds(31));
  await call('heartbeat', w2);
  const [, claim] = await whileHeld('runs', [
    ['heartbeat', w1],
    ['claim_job', id, w2],
  ]);
  expect(kindOf(claim)).toBe('claimed');
});

it('runs jobs that have lost two workers one at a time, also when a worker claims two at once', async () => {
  const ids = await submit([hours(1), hours(1)]);
  for (let losses = 0; losses < 2; losses += 1) {
    await call('heartbeat', w1);
    await call('heartbeat', w2);
    for (const id of ids) await call('claim_job', id, w1);
    await pass(seconds(20));
    await call('heartbeat', w2);
    await pass(seconds(11));
    await call('sweep');
  }
  const claims = await whileHeld(
    'runs',
    ids.map((id) => ['claim_job', id, w2]),
  );
  expect(claims.map(kindOf).sort()).toEqual(['claimed', 'later']);
});

it('does not block a sweep and a late heartbeat in a ring', async () => {
  const [a, b] = (await submit([hours(1), hours(1)])).sort();
  await call('heartbeat', w1);
  for (const id of [a, b]) await call('claim_job', id, w1);
  // The one with the lower id is past its deadline, the other is not: a sweep ends the first and frees the second.
  await database.run('update image_generation_jobs set deadline_at = created_at where id = $1', [a]);
  await pass(seconds(31));
  await whileHeld('users', [['sweep'], ['heartbeat', w1]]);
  expect((await database.read(now)).jobs[a!]!.status).toBe('failed');
});

it('says of two marks at once that one of them replaced the other', async () => {
  const [id] = await submit([hours(1)]);
  await call('mark_delivered', JSON.stringify([{ job_id: id, delivery: 1 }]));
  const answers = await whileHeld('runs', [
    ['adopt_queue_epoch', 'one'],
    ['adopt_queue_epoch', 'two'],
  ]);
  expect(answers.sort()).toEqual([false, true]);
});

async function pass(ms: number): Promise<void> {
  now += ms;
  await Promise.all(database.doors.map((door) => door.setClock(now)));
}

const call = (name: string, ...values: unknown[]) => callBy(0, name, ...values);

const callBy = (door: number, name: string, ...values: unknown[]): Promise<Answer> =>
  database.doors[door]!.call(`select ${name}(${values.map((_, n) => `$${n + 1}`).join(', ')})`, values);

/** One job for each deadline. */
async function submit(deadlines: readonly number[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [n, deadline] of deadlines.entries()) {
    const input = '{"prompt": "a cat"}';
    const answer: any = await call(
      'create_job',
      'ada',
      input,
      0,
      `key ${n}`,
      'hash',
      null,
      5,
      1_000,
      deadline,
    );
    ids.push(answer.job.id);
  }
  return ids;
}

/** Sends the calls one after the other, each as soon as the one before waits for the lock; then lets go. */
async function whileHeld(hold: Hold, calls: readonly (readonly unknown[])[]): Promise<Answer[]> {
  const release = await database.hold(hold);
  let answers = 0;
  const sent: Promise<Answer>[] = [];
  for (const [n, [name, ...values]] of calls.entries()) {
    sent.push(callBy(n, String(name), ...values).finally(() => (answers += 1)));
    while (answers + (await database.countWaiting()) <= n);
  }
  await release();
  return Promise.all(sent);
}

const kindOf = (answer: any): string => answer.kind;
