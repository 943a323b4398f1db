import type { Outcome } from '@darkroom/core/job/outcome';
import { expect, test, vi } from 'vitest';
import { aClaim } from './claim.fixture.ts';
import { createProcess } from './process.ts';
import { createRuns } from './runs.ts';

const signal = new AbortController().signal;
const delivery = { jobId: aClaim().job.id, delivery: 1 };
const outcome = { kind: 'interrupted', calls: [] } satisfies Outcome;

function setUp() {
  const runs = createRuns({ now: () => 0 });
  const run = () => runs.begin(aClaim(), { deadlineAt: 600_000 });
  return { runs, run, render: vi.fn(async () => outcome), settle: vi.fn(async () => {}) };
}

test('a claimed job is rendered, and its outcome is settled', async () => {
  const { runs, run, render, settle } = setUp();
  const claim = vi.fn(async () => ({ kind: 'claimed', run: run() }) as const);
  const answer = await createProcess({ runs, claim, render, settle })(delivery, signal);

  expect(answer).toBeUndefined();
  expect(settle).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ attempt: 1 }), outcome);
  expect(runs.size).toBe(0);
});

test('a delivery whose job needs nothing is dropped', async () => {
  const { runs, render, settle } = setUp();
  const process = createProcess({ runs, claim: async () => ({ kind: 'drop' }), render, settle });
  expect(await process(delivery, signal)).toBeUndefined();
  expect(render).not.toHaveBeenCalled();
});

test('a delivery that comes too early is handed back for the time that is left', async () => {
  const { runs, render, settle } = setUp();
  const claim = async () => ({ kind: 'later', delayMs: 700 }) as const;
  expect(await createProcess({ runs, claim, render, settle })(delivery, signal)).toEqual({ delayMs: 700 });
});

test('a job in hand is not claimed a second time by the same worker, its delivery comes again', async () => {
  const { runs, run, settle } = setUp();
  const rendering = Promise.withResolvers<Outcome>();
  const claim = vi.fn(async () => ({ kind: 'claimed', run: run() }) as const);
  const process = createProcess({ runs, claim, render: () => rendering.promise, settle });

  const first = process(delivery, signal);
  expect(await process({ ...delivery, delivery: 2 }, signal)).toEqual({ delayMs: 2_000 });
  rendering.resolve(outcome);
  await first;
  expect(claim).toHaveBeenCalledTimes(1);
});

test('a job is out of hand even when settling throws', async () => {
  const { runs, run, render } = setUp();
  const process = createProcess({
    runs,
    claim: async () => ({ kind: 'claimed', run: run() }),
    render,
    settle: () => Promise.reject(new Error('no database')),
  });
  await expect(process(delivery, signal)).rejects.toThrow('no database');
  expect(runs.size).toBe(0);
  await runs.idle();
});
