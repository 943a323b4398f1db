import type { Failure } from './failure.ts';

/** One call of a model, as stored in `attempts_log`. */
export interface ModelCall {
  /** The number of the call within the job, from 1. The database counts a call before it is sent. */
  call: number;
  attempt: number;
  model: string;
  /** `ok` or a failure code. */
  code: string;
  ms: number;
}

/** A finished image, stored under keys of this attempt. */
export interface StoredImage {
  object_key: string;
  image_url: string;
  thumbnail_key: string;
  thumbnail_url: string;
  width: number;
  height: number;
  mime_type: string;
  sha256: string;
  model: string;
}

/** Every way in which a run of a job can end. `settle` has one branch for each. */
export type Outcome =
  | { kind: 'succeeded'; image: StoredImage; calls: ModelCall[] }
  /** The job runs again after at least `delayMs`. `counts`: the retry counts against MAX_ATTEMPTS. */
  | { kind: 'retryable'; failure: Failure; delayMs: number; counts: boolean; calls: ModelCall[] }
  | { kind: 'failed'; failure: Failure; calls: ModelCall[] }
  /** This worker no longer owns the job: it was canceled, taken over, or ended by the sweeper. */
  | { kind: 'lost' }
  /** This process is stopping. The job returns to the queue and its attempt does not count. */
  | { kind: 'interrupted'; calls: ModelCall[] };
