import { createRecordedLog } from '@darkroom/core/log/recorded';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aClaim, aJob } from './claim.fixture.ts';
import { createProgress } from './progress.ts';
import { createRuns } from './runs.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp({ progress = 1 } = {}) {
  const now = () => performance.now();
  const db = { reportProgress: vi.fn(async (_report: { stage: string; progress: number }) => true) };
  const claim = aClaim({ job: aJob({ progress }) });
  const run = createRuns({ now }).begin(claim, { deadlineAt: now() + 600_000 });
  const shown = createProgress(run, { db, medianOf: () => 20_000, now, log: createRecordedLog() });
  const reports = () => db.reportProgress.mock.calls.map(([{ stage, progress }]) => ({ stage, progress }));
  return { db, run, shown, reports };
}

test('during a call progress is shown in steps of five and more, at most one a second, and stays under 90', async () => {
  const { shown, reports } = setUp();
  shown.calling('first');
  const seen: number[] = [];
  for (let second = 0; second < 600; second += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    seen.push(reports().length);
  }
  const values = reports().map(({ progress }) => progress);
  expect(Math.max(...values)).toBeLessThan(90);
  for (const [at, value] of values.entries()) {
    expect(value - (values[at - 1] ?? 0)).toBeGreaterThanOrEqual(5);
  }
  for (const [at, count] of seen.entries()) expect(count - (seen[at - 1] ?? 1)).toBeLessThanOrEqual(1);
});

test('with the next model the estimate begins anew, but what is shown never falls', async () => {
  const { shown, reports } = setUp();
  shown.calling('first');
  await vi.advanceTimersByTimeAsync(20_000);
  shown.called();
  shown.calling('second');
  await vi.advanceTimersByTimeAsync(40_000);
  const values = reports().map(({ progress }) => progress);
  expect(values).toEqual(values.toSorted((a, b) => a - b));
});

test('a further attempt goes on from what has been shown', async () => {
  const { shown, reports } = setUp({ progress: 60 });
  shown.calling('first');
  await vi.advanceTimersByTimeAsync(0);
  expect(reports()).toEqual([{ stage: 'generating', progress: 60 }]);
});

test('a picture that turns out to be none leads back to the next call', async () => {
  const { shown, reports } = setUp();
  for (const model of ['first', 'second']) {
    shown.calling(model);
    await vi.advanceTimersByTimeAsync(0);
    shown.storing();
    shown.called();
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(reports()).toEqual([
    { stage: 'generating', progress: 10 },
    { stage: 'storing', progress: 90 },
    { stage: 'generating', progress: 90 },
    { stage: 'storing', progress: 90 },
  ]);
});

test('one report is on its way at a time; of those that wait the newest is sent', async () => {
  const { db, shown, reports } = setUp();
  const slow = Promise.withResolvers<boolean>();
  db.reportProgress.mockReturnValueOnce(slow.promise);
  shown.calling('first');
  await vi.advanceTimersByTimeAsync(30_000);
  shown.storing();
  expect(reports()).toHaveLength(1);
  slow.resolve(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(reports()).toEqual([
    { stage: 'generating', progress: 10 },
    { stage: 'storing', progress: 90 },
  ]);
});

test('a lost claim stops the run', async () => {
  const { db, run, shown } = setUp();
  db.reportProgress.mockResolvedValue(false);
  shown.calling('first');
  await vi.advanceTimersByTimeAsync(0);
  expect(run.signal.reason).toMatchObject({ reason: 'lost' });
});

test('once closed, nothing more is shown', async () => {
  const { run, shown, reports } = setUp();
  shown.calling('first');
  shown.close();
  run.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reports()).toEqual([{ stage: 'generating', progress: 10 }]);
  expect(vi.getTimerCount()).toBe(0);
});
