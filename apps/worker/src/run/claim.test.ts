import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { DatabaseUnavailable, DomainError } from '@darkroom/db/errors';
import type { ClaimAnswer } from '@darkroom/db/runs/claim';
import { expect, test, vi } from 'vitest';
import { createActiveRuns } from './active-runs.ts';
import { aClaim } from './claim.fixture.ts';
import { createClaim } from './claim.ts';

const jobId = aClaim().job.id;

function setUp(claimJob: () => Promise<ClaimAnswer>, lease = {}) {
  const db = { claimJob: vi.fn(claimJob) };
  const held = { workerId: 'w1', held: true, whenHeld: async () => true, renew: vi.fn(async () => true) };
  const parts = { db, lease: Object.assign(held, lease), runs: createActiveRuns({ now: () => 1_000 }) };
  const claim = createClaim({ ...parts, log: createRecordedLog(), now: () => 1_000, random: () => 0.5 });
  return { ...parts, claim };
}

const claimed = async (): Promise<ClaimAnswer> => ({ kind: 'claimed', claim: aClaim() });

test("a run's deadline counts from when the claim was sent", async () => {
  const { claim } = setUp(claimed);
  const answer = await claim(jobId);
  expect(answer).toMatchObject({ kind: 'claimed', run: { deadlineAt: 601_000, attempt: 1 } });
});

test('a job is claimed only under a held lease', async () => {
  const { claim, db } = setUp(claimed, { whenHeld: async () => false });
  expect(await claim(jobId)).toEqual({ kind: 'later', delayMs: 2_500 });
  expect(db.claimJob).not.toHaveBeenCalled();
});

test('a delivery is handed back while the database is unavailable', async () => {
  const { claim } = setUp(() => Promise.reject(new DatabaseUnavailable('away')));
  expect(await claim(jobId)).toEqual({ kind: 'later', delayMs: 2_500 });
});

test('a worker unknown to the database renews its lease and claims again, once', async () => {
  const unknown = new DomainError('worker_unknown', 'heartbeat first');
  const claimJob = vi.fn(claimed).mockRejectedValueOnce(unknown);
  const { claim, lease } = setUp(claimJob);
  expect(await claim(jobId)).toMatchObject({ kind: 'claimed' });
  expect(lease.renew).toHaveBeenCalledTimes(1);
});

test('a worker that stays unknown hands the delivery back', async () => {
  const { claim, db } = setUp(() => Promise.reject(new DomainError('worker_unknown', 'heartbeat first')));
  expect(await claim(jobId)).toMatchObject({ kind: 'later' });
  expect(db.claimJob).toHaveBeenCalledTimes(2);
});

test('a run whose lease was lost during the claim starts as lost', async () => {
  const { claim, lease } = setUp(async () => {
    lease.workerId = 'w2';
    return claimed();
  });
  const answer = await claim(jobId);
  expect(answer).toMatchObject({ kind: 'claimed', run: { signal: { reason: { reason: 'lost' } } } });
});

test('a worker with many slots sends at most 16 claims at a time, and none after its lease is lost', async () => {
  const answers: PromiseWithResolvers<ClaimAnswer>[] = [];
  const { claim, db, lease } = setUp(() => {
    answers.push(Promise.withResolvers<ClaimAnswer>());
    return answers.at(-1)!.promise;
  });
  const all = Array.from({ length: 500 }, (_, n) => claim(`job ${n}`));
  await vi.waitFor(() => expect(db.claimJob).toHaveBeenCalledTimes(16));
  answers[0]!.resolve({ kind: 'drop' });
  await vi.waitFor(() => expect(db.claimJob).toHaveBeenCalledTimes(17));
  lease.held = false;
  for (const answer of answers) answer.resolve({ kind: 'drop' });
  const kinds = (await Promise.all(all)).map(({ kind }) => kind);
  expect(kinds).toEqual([...Array(17).fill('drop'), ...Array(483).fill('later')]);
  expect(db.claimJob).toHaveBeenCalledTimes(17);
});

test('a bug in our code is not treated as an outage', async () => {
  const { claim } = setUp(() => Promise.reject(new TypeError('bug')));
  await expect(claim(jobId)).rejects.toThrow('bug');
});
