import type { Outcome } from '@darkroom/core/job/outcome';
import { expect, test, vi } from 'vitest';
import { createActiveRuns } from './active-runs.ts';
import { aClaim } from './claim.fixture.ts';
import { createRunHandler } from './run.ts';

const signal = new AbortController().signal;
const delivery = { jobId: aClaim().job.id, delivery: 1 };
const outcome = { kind: 'interrupted', calls: [] } satisfies Outcome;

function setUp() {
  const runs = createActiveRuns({ now: () => 0 });
  const run = () => runs.begin(aClaim(), { deadlineAt: 600_000 });
  return { runs, run, render: vi.fn(async () => outcome), settle: vi.fn(async () => {}) };
}

test('a claimed job is rendered, and its outcome is settled', async () => {
  const { runs, run, render, settle } = setUp();
  const claim = vi.fn(async () => ({ kind: 'claimed', run: run() }) as const);
  const answer = await createRunHandler({ runs, claim, render, settle })(delivery, signal);

  expect(answer).toBeUndefined();
  expect(settle).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ attempt: 1 }), outcome);
  expect(runs.size).toBe(0);
});

test('a delivery whose job needs no run is dropped', async () => {
  const { runs, render, settle } = setUp();
  const handle = createRunHandler({ runs, claim: async () => ({ kind: 'drop' }), render, settle });
  expect(await handle(delivery, signal)).toBeUndefined();
  expect(render).not.toHaveBeenCalled();
});

test('a delivery that is too early is handed back for the remaining time', async () => {
  const { runs, render, settle } = setUp();
  const claim = async () => ({ kind: 'later', delayMs: 700 }) as const;
  expect(await createRunHandler({ runs, claim, render, settle })(delivery, signal)).toEqual({ delayMs: 700 });
});

test('a job that is already active here is not claimed again; its second delivery is delayed', async () => {
  const { runs, run, settle } = setUp();
  const rendering = Promise.withResolvers<Outcome>();
  const claim = vi.fn(async () => ({ kind: 'claimed', run: run() }) as const);
  const handle = createRunHandler({ runs, claim, render: () => rendering.promise, settle });

  const first = handle(delivery, signal);
  expect(await handle({ ...delivery, delivery: 2 }, signal)).toEqual({ delayMs: 2_000 });
  rendering.resolve(outcome);
  await first;
  expect(claim).toHaveBeenCalledTimes(1);
});

test('a job is released even when settling throws', async () => {
  const { runs, run, render } = setUp();
  const handle = createRunHandler({
    runs,
    claim: async () => ({ kind: 'claimed', run: run() }),
    render,
    settle: () => Promise.reject(new Error('no database')),
  });
  await expect(handle(delivery, signal)).rejects.toThrow('no database');
  expect(runs.size).toBe(0);
  await runs.idle();
});
