import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { JobRef } from '@darkroom/db/runs/claim';
import { expect, test, vi } from 'vitest';
import { createActiveRuns } from './active-runs.ts';
import { aClaim, aJob } from './claim.fixture.ts';
import { createProgressReports } from './progress-reports.ts';

const step = (progress: number) => ({ stage: 'generating', progress }) as const;

function setUp() {
  const db = { reportProgress: vi.fn<Database['reportProgress']>(async () => []) };
  const log = createRecordedLog();
  const now = () => performance.now();
  const runs = createActiveRuns({ now });
  const begin = (id: string) => runs.begin(aClaim({ job: aJob({ id }) }), { deadlineAt: now() + 600_000 });
  const written = () =>
    db.reportProgress.mock.calls.map(([reports]) => reports.map(({ jobId, progress }) => [jobId, progress]));
  return { db, log, begin, written, reports: createProgressReports({ db, log }) };
}

/** Delays the answer to the first request until the test resolves it. */
function holdFirst({ db }: Pick<ReturnType<typeof setUp>, 'db'>) {
  const answer = Promise.withResolvers<JobRef[]>();
  db.reportProgress.mockReturnValueOnce(answer.promise);
  return answer;
}

test('reports added in the same turn share one request', async () => {
  const { begin, reports, written } = setUp();
  reports.add(begin('a'), step(10));
  reports.add(begin('b'), step(20));
  await vi.waitFor(() =>
    expect(written()).toEqual([
      [
        ['a', 10],
        ['b', 20],
      ],
    ]),
  );
});

test('one request is in flight at a time; then only the newest report of each run is sent', async () => {
  const parts = setUp();
  const { begin, reports, written } = parts;
  const first = holdFirst(parts);
  const [a, b] = [begin('a'), begin('b')];
  reports.add(a, step(10));
  await vi.waitFor(() => expect(written()).toHaveLength(1));
  reports.add(a, step(20));
  reports.add(b, step(20));
  reports.add(a, step(30));
  expect(written()).toEqual([[['a', 10]]]);
  first.resolve([]);
  await vi.waitFor(() =>
    expect(written().slice(1)).toEqual([
      [
        ['a', 30],
        ['b', 20],
      ],
    ]),
  );
});

test('many reports are split into batches, so that no transaction locks too many rows', async () => {
  const { begin, reports, written } = setUp();
  for (let n = 0; n < 70; n += 1) reports.add(begin(`job ${n}`), step(10));
  await vi.waitFor(() => expect(written().map(({ length }) => length)).toEqual([32, 32, 6]));
});

test('a forgotten report is not sent', async () => {
  const { begin, reports, written } = setUp();
  const gone = begin('gone');
  reports.add(gone, step(10));
  reports.add(begin('a'), step(10));
  reports.forget(gone);
  await vi.waitFor(() => expect(written()).toEqual([[['a', 10]]]));
});

test('a lost claim stops its run and no other', async () => {
  const { db, begin, reports } = setUp();
  const [lost, kept] = [begin('lost'), begin('kept')];
  db.reportProgress.mockResolvedValue([{ jobId: 'lost', attempt: lost.attempt }]);
  reports.add(lost, step(10));
  reports.add(kept, step(10));
  await vi.waitFor(() => expect(lost.signal.reason).toMatchObject({ reason: 'lost' }));
  expect(kept.signal.aborted).toBe(false);
});

test('a failed request does not block later ones', async () => {
  const parts = setUp();
  const { db, log, begin, reports, written } = parts;
  db.reportProgress
    .mockRejectedValueOnce(new DatabaseUnavailable('away'))
    .mockRejectedValueOnce(new Error('a broken function'));
  const run = begin('a');
  for (const progress of [10, 20, 30]) {
    reports.add(run, step(progress));
    await vi.waitFor(() => expect(written()).toContainEqual([['a', progress]]));
  }
  expect(log.told.map(({ name }) => name)).toEqual(['unexpected_error']);
});
