/** The states a job passes through. `completed`, `failed` and `canceled` are final. */
export type JobStatus = 'pending' | 'processing' | 'completed' | 'failed' | 'canceled';

/** What a running job is doing, in the order it happens. */
export type JobStage = 'queued' | 'starting' | 'generating' | 'storing' | 'done';

/** What a job cost, in credits. `net` is `charged - refunded`. */
export interface Receipt {
  charged: number;
  refunded: number;
  net: number;
}

/** A job as every channel shows it: HTTP, the stream, Realtime and webhooks. */
export interface Job {
  id: string;
  user_id: string;
  status: JobStatus;
  /** 0 to 100; never falls. */
  progress: number;
  stage: JobStage | null;
  /** Grows with every visible change: of two copies, the one with the higher version is newer. */
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
  /** Can be shown to the user. */
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

/** A job as the API returns it: with its place in the queue. */
export interface JobView extends Job {
  /** 1: it is next. Only while it is pending. */
  queue_position?: number | null;
  /** Estimated seconds until it is ready. Only while it is pending. */
  eta_seconds?: number | null;
}

/** A job with its image. */
export interface CompletedJob extends Job {
  status: 'completed';
  output_image_url: string;
  receipt: Receipt;
}

/** The input of a job: `prompt` or `custom_prompt_id`, and at most one input image. */
export interface JobInput {
  /** At most 4,000 characters. */
  prompt?: string | null;
  custom_prompt_id?: string | null;
  /** The `key` of an upload. */
  input_image_key?: string | null;
  /** The input image itself: base64 or a data: URL. Prefer an upload for more than a few 100 kB. */
  reference_image_base64?: string | null;
  /** Such as `16:9`. */
  aspect_ratio?: string | null;
  /** Such as `1K`. */
  image_size?: string | null;
  model?: string | null;
  /** Whether other models may make the image when the requested one cannot; true by default. */
  fallback?: boolean | null;
  webhook_url?: string | null;
  webhook_events?: string[] | null;
  /** Returned with the job; at most 2 kB as JSON. */
  metadata?: Record<string, unknown> | null;
}

/** Whether the job can never change again. */
export function isTerminal({ status }: Pick<Job, 'status'>): boolean {
  return status === 'completed' || status === 'failed' || status === 'canceled';
}
