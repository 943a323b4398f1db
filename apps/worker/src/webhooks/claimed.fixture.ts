import { type Job, jobFields } from '@darkroom/core/job/job';
import type { ClaimedWebhook } from '@darkroom/db/webhooks/webhooks';

/** A webhook delivery that was claimed for the first time. */
export function aWebhook(overrides: Partial<ClaimedWebhook> = {}): ClaimedWebhook {
  const job = Object.fromEntries(jobFields.map((field) => [field, null])) as unknown as Job;
  return {
    id: '0b3f8c1e-0000-4000-8000-000000000001',
    jobId: '0b3f8c1e-0000-4000-8000-000000000002',
    type: 'job.completed',
    url: 'https://hooks.test/a',
    host: 'hooks.test',
    attempt: 1,
    tries: 1,
    timestamp: '2026-01-02T03:04:05.678901+00:00',
    job: { ...job, id: '0b3f8c1e-0000-4000-8000-000000000002', status: 'completed', prompt: 'a fox' },
    ...overrides,
  };
}
