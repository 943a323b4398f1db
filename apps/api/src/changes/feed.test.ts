import { type Job, jobFields } from '@darkroom/core/job/job';
import type { Hint } from '@darkroom/core/queue/hints';
import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import type { Changes, Seen } from '@darkroom/db/changes/changes';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createChangeFeed, type Follower } from './feed.ts';
import { waitForJob } from './wait.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
const blank = Object.fromEntries(jobFields.map((field) => [field, null])) as unknown as Job;
const job = (id: string, version: number, more: Partial<Job> = {}): Job => ({
  ...blank,
  id,
  version,
  user_id: 'ada',
  status: 'processing',
  updated_at: at(0),
  ...more,
});
const ended = (id: string, version: number, seconds = 0) =>
  job(id, version, { status: 'completed', completed_at: at(seconds) });

function open(options: { maxFollowers?: number } = {}) {
  const answers: (Partial<Changes> | Error)[] = [];
  const polled: Seen[] = [];
  const log = createRecordedLog();
  let hint: (hint: Hint) => void = () => {};
  const changes = createChangeFeed({
    db: {
      async listChanges(seen) {
        polled.push(structuredClone(seen));
        const answer = answers.shift() ?? {};
        if (answer instanceof Error) throw answer;
        return { now: at(polled.length), jobs: [], gone: [], balances: {}, ...answer };
      },
    },
    hints: {
      publish: () => {},
      subscribe: (listener) => {
        hint = listener;
        return () => {};
      },
      close: async () => {},
    },
    log,
    ...options,
  });
  const follower = () => {
    const versions: number[] = [];
    const names: string[] = [];
    const positions: string[] = [];
    let ends = 0;
    const self: Follower = {
      changed(changed, position) {
        versions.push(changed.version);
        names.push(`${changed.id}${changed.version}`);
        positions.push(position);
      },
      ended: () => void ends++,
    };
    return { self, versions, names, positions, isEnded: () => ends === 1 };
  };
  return { changes, answers, polled, log, follower, hint: (sent: Hint) => hint(sent) };
}

const second = () => vi.advanceTimersByTimeAsync(1_000);

test('one call a second polls everything followed, and without followers there is none', async () => {
  const { changes, polled, follower } = open();
  await second();
  expect(polled).toEqual([]);
  const ends = [
    changes.followJob(job('a', 1), follower().self),
    changes.followJob(job('b', 2), follower().self),
    changes.followUser(
      { userId: 'bob', jobs: [job('c', 3, { user_id: 'bob' })], position: at(0) },
      follower().self,
    ),
  ];
  await second();
  expect(polled).toEqual([
    {
      jobs: [
        { id: 'a', version: 1 },
        { id: 'b', version: 2 },
        { id: 'c', version: 3 },
      ],
      users: [{ id: 'bob', since: at(0) }],
    },
  ]);
  for (const end of ends) end();
  expect(changes.size).toBe(0);
  await second();
  expect(polled).toHaveLength(1);
});

test('a follower receives rising versions only, even if reads repeat or arrive late', async () => {
  const { changes, answers, follower } = open();
  const one = follower();
  changes.followJob(job('a', 1), one.self);
  answers.push(
    { jobs: [job('a', 3)] },
    { jobs: [job('a', 2)] },
    { jobs: [job('a', 3)] },
    { jobs: [job('a', 4)] },
  );
  for (let n = 0; n < 4; n += 1) await second();
  expect(one.versions).toEqual([3, 4]);
});

test('a newer state of one follower reaches the others, and the other way round', () => {
  const { changes, follower } = open();
  const [first, later, late] = [follower(), follower(), follower()];
  changes.followJob(job('a', 1), first.self);
  changes.followJob(job('a', 5), later.self);
  changes.followJob(job('a', 2), late.self);
  expect([first.versions, later.versions, late.versions]).toEqual([[5], [], [5]]);
});

test('a follower of a user receives all jobs, with positions to resume from without a gap', async () => {
  const { changes, answers, polled, follower } = open();
  const ada = follower();
  changes.followUser({ userId: 'ada', jobs: [job('a', 1)], position: at(0) }, ada.self);
  answers.push({ now: at(10), jobs: [job('a', 2), job('b', 1), job('x', 9, { user_id: 'bob' })] });
  await second();
  answers.push({ now: at(11), jobs: [ended('b', 2)] });
  await second();
  expect(ada.names).toEqual(['a2', 'b1', 'b2']);
  expect(ada.positions).toEqual([at(0), at(0), at(10)]);
  expect(polled[1]).toMatchObject({ users: [{ id: 'ada', since: at(10) }] });
});

test('a later follower of the same user receives what changed since its snapshot and nothing older', async () => {
  const { changes, answers, follower } = open();
  changes.followUser({ userId: 'ada', jobs: [], position: at(0) }, follower().self);
  answers.push({ now: at(10), jobs: [ended('old', 3, 5), ended('quick', 2, 9), job('new', 1)] });
  await second();
  const later = follower();
  changes.followUser({ userId: 'ada', jobs: [], position: at(8) }, later.self);
  expect(later.names).toEqual(['quick2', 'new1']);
});

test('a hint triggers an immediate poll of that job, and hints nobody follows trigger none', async () => {
  const { changes, answers, polled, follower, hint } = open();
  const [one, ada] = [follower(), follower()];
  changes.followJob(job('a', 1, { user_id: 'bob' }), one.self);
  changes.followUser({ userId: 'ada', jobs: [], position: at(0) }, ada.self);
  hint({ jobId: 'unknown' });
  hint({ jobId: 'unknown', userId: 'nobody' });
  await vi.advanceTimersByTimeAsync(150);
  expect(polled).toEqual([]);
  answers.push({ jobs: [job('a', 2, { user_id: 'bob' }), job('new', 1)] });
  for (let n = 0; n < 50; n += 1) hint({ jobId: 'a' });
  hint({ jobId: 'new', userId: 'ada' });
  await vi.advanceTimersByTimeAsync(150);
  expect(polled).toEqual([
    {
      jobs: [
        { id: 'a', version: 1 },
        { id: 'new', version: 0 },
      ],
      users: [],
    },
  ]);
  expect([one.versions, ada.names]).toEqual([[2], ['new1']]);
});

test('the first hints are polled without delay, sustained ones twenty times a second', async () => {
  const { changes, polled, follower, hint } = open();
  changes.followJob(job('a', 1), follower().self);
  await vi.advanceTimersByTimeAsync(500);
  const hintFor = async (ms: number) => {
    const before = polled.length;
    for (let passed = 0; passed < ms; passed += 5) {
      hint({ jobId: 'a' });
      await vi.advanceTimersByTimeAsync(5);
    }
    return polled.length - before;
  };
  for (let step = 1; step <= 4; step += 1) {
    hint({ jobId: 'a' });
    await vi.advanceTimersByTimeAsync(0);
    expect(polled).toHaveLength(step);
  }
  await hintFor(400);
  const polls = await hintFor(1_000);
  expect(polls).toBeGreaterThan(16);
  // Including the complete poll of each second.
  expect(polls).toBeLessThanOrEqual(22);
});

test('an interim step triggers no poll for followers that only wait for the end', async () => {
  const { changes, polled, follower, hint } = open();
  changes.followJob(job('a', 1), { ...follower().self, endOnly: true });
  hint({ jobId: 'a', isInterim: true });
  await vi.advanceTimersByTimeAsync(500);
  expect(polled).toHaveLength(0);
  hint({ jobId: 'a' });
  await vi.advanceTimersByTimeAsync(0);
  expect(polled).toHaveLength(1);
  const leave = changes.followJob(job('a', 1), follower().self);
  hint({ jobId: 'a', isInterim: true });
  await vi.advanceTimersByTimeAsync(0);
  expect(polled, 'for another follower it does').toHaveLength(2);
  leave();
  changes.followUser({ userId: 'ada', jobs: [], position: at(0) }, follower().self);
  hint({ jobId: 'a', isInterim: true });
  await vi.advanceTimersByTimeAsync(0);
  expect(polled, 'and for a follower of the user').toHaveLength(3);
});

test('an applied state reaches followers without a poll, and a hint of it triggers none', async () => {
  const { changes, polled, follower, hint } = open();
  const ada = follower();
  changes.followUser({ userId: 'ada', jobs: [], position: at(0) }, ada.self);
  changes.apply(job('new', 1));
  changes.apply(job('other', 1, { user_id: 'bob' }));
  expect(ada.names).toEqual(['new1']);
  hint({ jobId: 'new', userId: 'ada', version: 1 });
  await vi.advanceTimersByTimeAsync(500);
  expect(polled).toHaveLength(0);
  hint({ jobId: 'new', version: 2 });
  await vi.advanceTimersByTimeAsync(0);
  expect(polled).toEqual([{ jobs: [{ id: 'new', version: 1 }], users: [] }]);
});

test('a deleted job ends its followers', async () => {
  const { changes, answers, follower } = open();
  const one = follower();
  changes.followJob(job('a', 1), one.self);
  answers.push({ gone: ['a'] });
  await second();
  expect(one.isEnded()).toBe(true);
});

test('an outage is logged once and made up for; followers notice nothing', async () => {
  const { changes, answers, log, follower } = open();
  const one = follower();
  changes.followJob(job('a', 1), one.self);
  answers.push(new DatabaseUnavailable('unreachable'), new DatabaseUnavailable('unreachable'), {
    jobs: [job('a', 7)],
  });
  for (let n = 0; n < 3; n += 1) await second();
  expect(one.versions).toEqual([7]);
  expect(log.told.map(({ name }) => name)).toEqual(['database_unavailable', 'database_recovered']);
});

test('jobs that nobody follows are forgotten, and ended ones after a minute', async () => {
  const { changes, answers, polled, follower } = open();
  const end = changes.followJob(job('a', 1), follower().self);
  const leave = changes.followUser(
    { userId: 'ada', jobs: [job('a', 1), ended('b', 2)], position: at(0) },
    follower().self,
  );
  end();
  answers.push({ now: at(61) });
  await second();
  expect(polled.at(-1)!.jobs.map(({ id }) => id)).toEqual(['a', 'b']);
  await second();
  expect(polled.at(-1)!.jobs.map(({ id }) => id)).toEqual(['a']);
  leave();
  leave();
  changes.followJob(job('c', 1), follower().self);
  await second();
  expect(polled.at(-1)!).toMatchObject({ jobs: [{ id: 'c' }], users: [] });
});

test('close ends all followers, and later ones at once; a full feed reports it', async () => {
  const { changes, polled, follower } = open({ maxFollowers: 2 });
  const [one, ada, late] = [follower(), follower(), follower()];
  changes.followJob(job('a', 1), one.self);
  expect(changes.isFull).toBe(false);
  changes.followUser({ userId: 'ada', jobs: [], position: at(0) }, ada.self);
  expect(changes.isFull).toBe(true);
  changes.close();
  changes.close();
  changes.followJob(job('a', 1), late.self);
  expect([one.isEnded(), ada.isEnded(), late.isEnded()]).toEqual([true, true, true]);
  await second();
  expect(polled).toEqual([]);
});

test('a wait for the end returns the balance read with it, and none from another read', async () => {
  const { changes, answers, hint } = open();
  const options = {
    until: (job: Job) => job.completed_at !== null,
    timeoutMs: 5_000,
    signal: AbortSignal.any([]),
  };
  const read = waitForJob(changes, job('a', 1), options);
  const applied = waitForJob(changes, job('b', 1), options);
  answers.push({ jobs: [ended('a', 2)], balances: { ada: 7 } });
  hint({ jobId: 'a' });
  await vi.advanceTimersByTimeAsync(0);
  expect(await read).toEqual({ job: ended('a', 2), balance: 7 });
  changes.followJob(ended('b', 2), { changed: () => undefined, ended: () => undefined });
  expect(await applied).toEqual({ job: ended('b', 2) });
});

test('a wait ends with its condition, its timeout, its client, or the process', async () => {
  const { changes, answers } = open();
  const isTwo = ({ version }: Job) => version === 2;
  const never = new AbortController();

  const fulfilled = waitForJob(changes, job('a', 1), {
    until: isTwo,
    timeoutMs: 5_000,
    signal: never.signal,
  });
  answers.push({ jobs: [job('a', 2)] });
  await second();
  expect((await fulfilled).job.version).toBe(2);
  expect(changes.size).toBe(0);

  const other = waitForJob(changes, job('b', 1), { until: isTwo, timeoutMs: 5_000, signal: never.signal });
  await vi.advanceTimersByTimeAsync(5_000);
  expect((await other).job.version).toBe(1);

  const gone = new AbortController();
  const left = waitForJob(changes, job('b', 1), { until: isTwo, timeoutMs: 60_000, signal: gone.signal });
  gone.abort();
  expect((await left).job.version).toBe(1);

  const stopped = waitForJob(changes, job('b', 1), { until: isTwo, timeoutMs: 60_000, signal: never.signal });
  changes.close();
  expect((await stopped).job.version).toBe(1);
  expect(changes.size).toBe(0);
});
