import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Check, error, skipped, warning } from './check.ts';
import { runChecks } from './run-checks.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const check = (name: string, run: Check['run']): Check => ({ name, run });

test('checks that throw or never answer become findings and do not affect the others', async () => {
  const running = runChecks(
    [
      check('frozen', () => new Promise(() => {})),
      check('broken', () => Promise.reject(new Error('no such thing'))),
      check('ill', async () => ({
        findings: [warning('here', 'is odd', 'mend it'), error('there', 'is wrong', 'mend it')],
      })),
      check('odd', async () => ({ findings: [warning('here', 'is odd', 'mend it')] })),
      check('absent', async () => skipped('not set')),
      check('well', async () => ({ findings: [], seen: 'all of it' })),
    ],
    { timeoutMs: 15_000, now: () => performance.now() },
  );
  await vi.advanceTimersByTimeAsync(15_000);
  const results = await running;
  expect(results.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'frozen error',
    'broken error',
    'ill error',
    'odd warning',
    'absent skipped',
    'well ok',
  ]);
  expect(results[0]).toMatchObject({
    ms: 15_000,
    findings: [{ what: expect.stringContaining('no answer within 15s') }],
  });
  expect(results[1]?.findings[0]?.what).toContain('no such thing');
});
