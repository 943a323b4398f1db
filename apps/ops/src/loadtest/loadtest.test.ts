import type { JobTimes } from '@darkroom/db/operators/jobs';
import { expect, test, vi } from 'vitest';
import { submitAll } from './submit.ts';
import { percentile, summarize } from './summary.ts';
import { commandTokens, subjectOf } from './tokens.ts';

const token = (claims: object) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

test('percentiles use the nearest rank', () => {
  const values = Array.from({ length: 20 }, (_, at) => at + 1);
  expect([percentile(values, 0.5), percentile(values, 0.95), percentile([7], 0.95)]).toEqual([10, 19, 7]);
});

test('a summary counts accepted, refused, completed, failed and unfinished jobs', () => {
  const at = (seconds: number) => new Date(seconds * 1_000).toISOString();
  const job = (id: string, more: Partial<JobTimes>): JobTimes => ({
    id,
    status: 'completed',
    error_code: null,
    created_at: at(0),
    started_at: at(1),
    completed_at: at(4),
    ...more,
  });
  const summary = summarize(
    [
      ...['a', 'b', 'c'].map((jobId) => ({ jobId, code: 'accepted', ms: 20 })),
      { jobId: null, code: 'insufficient_credits', ms: 5 },
    ],
    [
      job('a', {}),
      job('b', { status: 'failed', error_code: 'no_image', started_at: at(3) }),
      job('c', { status: 'processing', completed_at: null, started_at: null }),
    ],
    1_500,
  );
  expect(summary).toEqual({
    asked: 4,
    accepted: 3,
    refused: { insufficient_credits: 1 },
    accepted_per_second: 2,
    completed: 1,
    failed: { no_image: 1 },
    unfinished: 1,
    completed_per_second: 0.3,
    answer_ms: { p50: 20, p95: 20, max: 20 },
    wait_ms: { p50: 1_000, p95: 3_000, max: 3_000 },
    total_ms: { p50: 4_000, p95: 4_000, max: 4_000 },
  });
});

test('every job is submitted once, under its own idempotency key, to the users in turn', async () => {
  const sent: { user: string | null; key: string | null }[] = [];
  const fetch = vi.fn(async (_url: unknown, init?: RequestInit) => {
    const headers = new Headers(init?.headers);
    sent.push({ user: headers.get('authorization'), key: headers.get('idempotency-key') });
    if (sent.length === 2) return Response.json({ code: 'rate_limited' }, { status: 429 });
    if (sent.length === 3) throw new TypeError('fetch failed');
    return Response.json({ job: { id: `job-${sent.length}` } }, { status: 202 });
  });
  const done = await submitAll(
    { apiUrl: 'http://api.test', jobs: 4, rate: 1_000, prompt: 'x' },
    {
      tokenOf: async (user) => `user-${user}`,
      users: 2,
      signal: new AbortController().signal,
      fetch: fetch as typeof globalThis.fetch,
      onSubmission: () => {},
    },
  );
  expect(sent.map(({ user }) => user)).toEqual(
    ['user-0', 'user-1', 'user-0', 'user-1'].map((user) => `Bearer ${user}`),
  );
  expect(new Set(sent.map(({ key }) => key)).size).toBe(4);
  expect(done.map(({ code }) => code).sort()).toEqual([
    'accepted',
    'accepted',
    'rate_limited',
    'unreachable',
  ]);
});

test('a token from a command is reused until it is about to expire', async () => {
  let now = 0;
  const run = vi.fn(async () => `${token({ sub: 'ada', exp: 60 + now / 1_000 })}\n`);
  const tokens = commandTokens('mint {user}', { users: 2, now: () => now, run });
  expect(subjectOf(await tokens.of(0))).toBe('ada');
  await tokens.of(0);
  await tokens.of(1);
  expect(run.mock.calls).toEqual([['mint loadtest-1'], ['mint loadtest-2']]);
  now = 50_000;
  await tokens.of(0);
  expect(run).toHaveBeenCalledTimes(3);
});
