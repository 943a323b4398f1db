import type { Job } from '@darkroom/core/job/job';
import type { Claim } from '@darkroom/db/runs/claim';

/** A job right after its claim. */
export function aJob(fields: Partial<Job> = {}): Job {
  return {
    id: '11111111-1111-4111-8111-111111111111',
    user_id: 'user_alice',
    status: 'processing',
    progress: 1,
    stage: 'starting',
    version: 2,
    prompt: 'a lighthouse at dusk',
    custom_prompt_id: null,
    input_image_key: null,
    output_image_url: null,
    thumbnail_url: null,
    width: null,
    height: null,
    mime_type: null,
    model_requested: 'first',
    model: null,
    aspect_ratio: null,
    image_size: null,
    attempt: 1,
    error_code: null,
    error_message: null,
    receipt: { charged: 3, refunded: 0, net: 3 },
    metadata: null,
    retry_of: null,
    created_at: '2026-01-01T00:00:00+00:00',
    started_at: '2026-01-01T00:00:01+00:00',
    updated_at: '2026-01-01T00:00:01+00:00',
    completed_at: null,
    deadline_at: '2026-01-01T00:10:00+00:00',
    ...fields,
  };
}

/** A first claim, ten minutes before the deadline. */
export function aClaim(fields: Partial<Claim> = {}): Claim {
  const job = fields.job ?? aJob();
  return {
    job,
    attempt: job.attempt,
    fallback: true,
    price: 3,
    countedRetries: 0,
    pastFailures: [],
    modelCalls: 0,
    deadlineInMs: 600_000,
    ...fields,
  };
}
