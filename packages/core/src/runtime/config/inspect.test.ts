import { expect, test } from 'vitest';
import { inspectEnvironment } from './inspect.ts';

test('tells what is wrong for API and workers, each thing once, and what could be read', () => {
  const { values, problems } = inspectEnvironment({ JOB_DEADLINE: 'soon', WORKER_CONCURRENCY: '3' });
  const named = problems.map(({ variable }) => variable);
  expect(named[0]).toBe('JOB_DEADLINE');
  expect(new Set(named).size).toBe(named.length);
  for (const name of ['SUPABASE_URL', 'CLERK_SECRET_KEY', 'GEMINI_API_KEY', 'R2_ENDPOINT']) {
    expect(named).toContain(name);
  }
  expect(values).toMatchObject({ WORKER_CONCURRENCY: 3, MODEL_TIMEOUT: 120_000 });
  expect(values.JOB_DEADLINE).toBeUndefined();
});
