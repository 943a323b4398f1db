import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aClaim, aJob } from './claim.fixture.ts';
import { createProgressOf } from './progress.ts';
import type { Report } from './reports.ts';
import { createRuns, type Run } from './runs.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const now = () => performance.now();

function setUp({ progress = 1 } = {}) {
  const reports = { show: vi.fn((_run: Run, _report: Report) => {}), forget: vi.fn() };
  const progressOf = createProgressOf({ reports, medianOf: () => 20_000, now });
  const open = (id: string) => {
    const claim = aClaim({ job: aJob({ id, progress }) });
    const run = createRuns({ now }).begin(claim, { deadlineAt: now() + 600_000 });
    return { run, shown: progressOf(run) };
  };
  const values = () => reports.show.mock.calls.map(([, report]) => report);
  return { ...open(aJob().id), open, reports, values };
}

test('during a call progress is shown in steps of five and more, at most one a second, and stays under 90', async () => {
  const { shown, values } = setUp();
  shown.calling('first');
  const seen: number[] = [];
  for (let second = 0; second < 600; second += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    seen.push(values().length);
  }
  const steps = values().map(({ progress }) => progress);
  expect(Math.max(...steps)).toBeLessThan(90);
  for (const [at, value] of steps.entries()) {
    expect(value - (steps[at - 1] ?? 0)).toBeGreaterThanOrEqual(5);
  }
  for (const [at, count] of seen.entries()) expect(count - (seen[at - 1] ?? 1)).toBeLessThanOrEqual(1);
});

test('with the next model the estimate begins anew, but what is shown never falls', async () => {
  const { shown, values } = setUp();
  shown.calling('first');
  await vi.advanceTimersByTimeAsync(20_000);
  shown.called();
  shown.calling('second');
  await vi.advanceTimersByTimeAsync(40_000);
  const steps = values().map(({ progress }) => progress);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
});

test('a further attempt goes on from what has been shown', () => {
  const { shown, values } = setUp({ progress: 60 });
  shown.calling('first');
  expect(values()).toEqual([{ stage: 'generating', progress: 60 }]);
});

test('an image that turns out to be none leads back to the next call', () => {
  const { shown, values } = setUp();
  for (const model of ['first', 'second']) {
    shown.calling(model);
    shown.storing();
    shown.called();
  }
  expect(values()).toEqual([
    { stage: 'generating', progress: 10 },
    { stage: 'storing', progress: 90 },
    { stage: 'generating', progress: 90 },
    { stage: 'storing', progress: 90 },
  ]);
});

test('the steps of all runs come up in the same turn, whenever their calls began', async () => {
  const { open, reports } = setUp();
  const begun = Date.now();
  for (const id of ['a', 'b', 'c']) {
    open(id).shown.calling('first');
    await vi.advanceTimersByTimeAsync(250);
  }
  const shownAt: number[] = [];
  reports.show.mockImplementation(() => void shownAt.push(Date.now()));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(shownAt.length).toBeGreaterThan(20);
  for (const at of shownAt) expect((at - begun) % 1_000).toBe(0);
});

test('once closed, nothing more is shown, and what was not sent yet is taken back', async () => {
  const { run, shown, values, reports } = setUp();
  shown.calling('first');
  shown.close();
  run.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(values()).toEqual([{ stage: 'generating', progress: 10 }]);
  expect(reports.forget).toHaveBeenCalledWith(run);
  expect(vi.getTimerCount()).toBe(0);
});
