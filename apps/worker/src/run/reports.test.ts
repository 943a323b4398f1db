import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import type { Database, JobRef } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { expect, test, vi } from 'vitest';
import { aClaim, aJob } from './claim.fixture.ts';
import { createReports } from './reports.ts';
import { createRuns } from './runs.ts';

const step = (progress: number) => ({ stage: 'generating', progress }) as const;

function setUp() {
  const db = { reportProgress: vi.fn<Database['reportProgress']>(async () => []) };
  const log = createRecordedLog();
  const now = () => performance.now();
  const runs = createRuns({ now });
  const begin = (id: string) => runs.begin(aClaim({ job: aJob({ id }) }), { deadlineAt: now() + 600_000 });
  const written = () =>
    db.reportProgress.mock.calls.map(([reports]) => reports.map(({ jobId, progress }) => [jobId, progress]));
  return { db, log, begin, written, reports: createReports({ db, log }) };
}

/** The answer to the first request, which comes when it is told to. */
function holdFirst({ db }: Pick<ReturnType<typeof setUp>, 'db'>) {
  const answer = Promise.withResolvers<JobRef[]>();
  db.reportProgress.mockReturnValueOnce(answer.promise);
  return answer;
}

test('what is shown in the same turn is written by one request', async () => {
  const { begin, reports, written } = setUp();
  reports.show(begin('a'), step(10));
  reports.show(begin('b'), step(20));
  await vi.waitFor(() =>
    expect(written()).toEqual([
      [
        ['a', 10],
        ['b', 20],
      ],
    ]),
  );
});

test('one request is on its way at a time; of what waits meanwhile the newest of each run is sent', async () => {
  const parts = setUp();
  const { begin, reports, written } = parts;
  const first = holdFirst(parts);
  const [a, b] = [begin('a'), begin('b')];
  reports.show(a, step(10));
  await vi.waitFor(() => expect(written()).toHaveLength(1));
  reports.show(a, step(20));
  reports.show(b, step(20));
  reports.show(a, step(30));
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

test('a flood goes in parts, so that no transaction holds very many rows', async () => {
  const { begin, reports, written } = setUp();
  for (let n = 0; n < 70; n += 1) reports.show(begin(`job ${n}`), step(10));
  await vi.waitFor(() => expect(written().map(({ length }) => length)).toEqual([32, 32, 6]));
});

test('what is taken back is not sent', async () => {
  const { begin, reports, written } = setUp();
  const gone = begin('gone');
  reports.show(gone, step(10));
  reports.show(begin('a'), step(10));
  reports.forget(gone);
  await vi.waitFor(() => expect(written()).toEqual([[['a', 10]]]));
});

test('a lost claim stops its run and no other', async () => {
  const { db, begin, reports } = setUp();
  const [lost, kept] = [begin('lost'), begin('kept')];
  db.reportProgress.mockResolvedValue([{ jobId: 'lost', attempt: lost.attempt }]);
  reports.show(lost, step(10));
  reports.show(kept, step(10));
  await vi.waitFor(() => expect(lost.signal.reason).toMatchObject({ reason: 'lost' }));
  expect(kept.signal.aborted).toBe(false);
});

test('a request that fails keeps none of the later ones from being sent', async () => {
  const parts = setUp();
  const { db, log, begin, reports, written } = parts;
  db.reportProgress
    .mockRejectedValueOnce(new DatabaseUnavailable('away'))
    .mockRejectedValueOnce(new Error('a broken function'));
  const run = begin('a');
  for (const progress of [10, 20, 30]) {
    reports.show(run, step(progress));
    await vi.waitFor(() => expect(written()).toContainEqual([['a', progress]]));
  }
  expect(log.told.map(({ name }) => name)).toEqual(['unexpected_error']);
});
