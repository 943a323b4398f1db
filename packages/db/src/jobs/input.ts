import type { JobStatus } from '@darkroom/core/job/job';

/** What a job is asked to make. */
export interface JobInput {
  prompt: string | null;
  custom_prompt_id: string | null;
  input_image_key: string | null;
  aspect_ratio: string | null;
  image_size: string | null;
  /** The model that is tried first. */
  model_requested: string;
  fallback: boolean;
  metadata: Record<string, unknown> | null;
  /** The job that this one repeats. */
  retry_of?: string;
  /** The job is canceled if it has not ended after this many milliseconds. */
  cancel_after_ms?: number;
}

/** What a job was asked to make, as far as it can be asked for again. */
export interface PastInput extends Omit<JobInput, 'retry_of' | 'cancel_after_ms'> {
  status: JobStatus;
}
