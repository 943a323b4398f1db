/** The states a job passes through. Terminal states are final. */
export const jobStatuses = ['pending', 'processing', 'completed', 'failed', 'canceled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** What a running job is doing, in the order it happens. */
export const jobStages = ['queued', 'starting', 'generating', 'storing', 'done'] as const;
export type JobStage = (typeof jobStages)[number];

/** What a job cost so far, in credits. `net` is `charged - refunded`. */
export interface Receipt {
  charged: number;
  refunded: number;
  net: number;
}

/**
 * The job as every channel shows it: HTTP, PostgREST, Realtime and webhooks.
 * Field names and time formats are those of the table, so a Realtime row is this object.
 */
export interface Job {
  id: string;
  user_id: string;
  status: JobStatus;
  /** 0 to 100; never falls. */
  progress: number;
  stage: JobStage | null;
  /** Grows with every visible change: the later of two objects is the one with the higher version. */
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
  /** The model that served the image. */
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

/** The columns of {@link Job}, in the order they are shown. */
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
