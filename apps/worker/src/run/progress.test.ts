import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createActiveRuns, type Run } from './active-runs.ts';
import { aClaim, aJob } from './claim.fixture.ts';
import { createProgressTracker } from './progress.ts';
import type { ProgressReport } from './progress-reports.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const now = () => performance.now();

function setUp({ progress = 1 } = {}) {
  const reports = { add: vi.fn((_run: Run, _report: ProgressReport) => {}), forget: vi.fn() };
  const track = createProgressTracker({ reports, medianOf: () => 20_000, now });
  const open = (id: string) => {
    const claim = aClaim({ job: aJob({ id, progress }) });
    const run = createActiveRuns({ now }).begin(claim, { deadlineAt: now() + 600_000 });
    return { run, progress: track(run) };
  };
  const values = () => reports.add.mock.calls.map(([, report]) => report);
  return { ...open(aJob().id), open, reports, values };
}

test('during a call progress is reported in steps of at least five, at most once a second, and stays under 90', async () => {
  const { progress, values } = setUp();
  progress.calling('first');
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

test('the next model starts a new estimate, but reported progress never falls', async () => {
  const { progress, values } = setUp();
  progress.calling('first');
  await vi.advanceTimersByTimeAsync(20_000);
  progress.called();
  progress.calling('second');
  await vi.advanceTimersByTimeAsync(40_000);
  const steps = values().map(({ progress }) => progress);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
});

test('a later attempt continues from the reported progress', () => {
  const { progress, values } = setUp({ progress: 60 });
  progress.calling('first');
  expect(values()).toEqual([{ stage: 'generating', progress: 60 }]);
});

test('after an invalid image the stage goes back to generating for the next call', () => {
  const { progress, values } = setUp();
  for (const model of ['first', 'second']) {
    progress.calling(model);
    progress.storing();
    progress.called();
  }
  expect(values()).toEqual([
    { stage: 'generating', progress: 10 },
    { stage: 'storing', progress: 90 },
    { stage: 'generating', progress: 90 },
    { stage: 'storing', progress: 90 },
  ]);
});

test('the steps of all runs are reported together, whenever their calls began', async () => {
  const { open, reports } = setUp();
  const begun = Date.now();
  for (const id of ['a', 'b', 'c']) {
    open(id).progress.calling('first');
    await vi.advanceTimersByTimeAsync(250);
  }
  const reportedAt: number[] = [];
  reports.add.mockImplementation(() => void reportedAt.push(Date.now()));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(reportedAt.length).toBeGreaterThan(20);
  for (const at of reportedAt) expect((at - begun) % 1_000).toBe(0);
});

test('once closed, nothing more is reported, and a pending report is dropped', async () => {
  const { run, progress, values, reports } = setUp();
  progress.calling('first');
  progress.close();
  run.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(values()).toEqual([{ stage: 'generating', progress: 10 }]);
  expect(reports.forget).toHaveBeenCalledWith(run);
  expect(vi.getTimerCount()).toBe(0);
});
