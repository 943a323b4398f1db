/** The states of a job. The last three are terminal. */
export const jobStatuses = ['pending', 'processing', 'completed', 'failed', 'canceled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** The stages of a job, in order. */
export const jobStages = ['queued', 'starting', 'generating', 'storing', 'done'] as const;
export type JobStage = (typeof jobStages)[number];

/** The cost of a job so far, in credits. `net` is `charged - refunded`. */
export interface Receipt {
  charged: number;
  refunded: number;
  net: number;
}

/**
 * The job as returned by HTTP, PostgREST, Realtime and webhooks.
 * Field names and time formats match the table, so a Realtime row has this shape.
 */
export interface Job {
  id: string;
  user_id: string;
  status: JobStatus;
  /** 0 to 100; never decreases. */
  progress: number;
  stage: JobStage | null;
  /** Incremented by every visible change. Of two objects, the one with the higher version is newer. */
  version: number;
  prompt: string | null;
  custom_prompt_id: string | null;
  input_image_key: string | null;
  output_image_url: string | null;
  thumbnail_url: string | null;
  width: number | null;
  height: number | null;
  mime_type: string | null;
  model_requested: string | null;
  /** The model that made the image. */
  model: string | null;
  aspect_ratio: string | null;
  image_size: string | null;
  attempt: number;
  error_code: string | null;
  error_message: string | null;
  receipt: Receipt | null;
  metadata: Record<string, unknown> | null;
  retry_of: string | null;
  created_at: string;
  started_at: string | null;
  updated_at: string;
  completed_at: string | null;
  deadline_at: string | null;
}

/** The columns of {@link Job}, in output order. */
export const jobFields = [
  'id',
  'user_id',
  'status',
  'progress',
  'stage',
  'version',
  'prompt',
  'custom_prompt_id',
  'input_image_key',
  'output_image_url',
  'thumbnail_url',
  'width',
  'height',
  'mime_type',
  'model_requested',
  'model',
  'aspect_ratio',
  'image_size',
  'attempt',
  'error_code',
  'error_message',
  'receipt',
  'metadata',
  'retry_of',
  'created_at',
  'started_at',
  'updated_at',
  'completed_at',
  'deadline_at',
] as const satisfies readonly (keyof Job)[];

/** Whether a job in this status can never change again. */
export function isTerminal(status: JobStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'canceled';
}
