import type { Failure } from './failure.ts';

/** One call of a model, as it is kept in `attempts_log`. */
export interface ModelCall {
  /** The number of the call within the job, from 1, as the database counted it before it was sent. */
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

/** Every way in which one run of a job can end. `settle` has one branch for each. */
export type Outcome =
  | { kind: 'succeeded'; image: StoredImage; calls: ModelCall[] }
  /** To be run again, no sooner than `delayMs` from now; `counts` says whether the retry budget pays for it. */
  | { kind: 'retryable'; failure: Failure; delayMs: number; counts: boolean; calls: ModelCall[] }
  | { kind: 'failed'; failure: Failure; calls: ModelCall[] }
  /** The job is no longer this worker's: canceled, taken over, or ended by the sweeper. */
  | { kind: 'lost' }
  /** This process is stopping: the job goes back to the queue and its attempt is not counted. */
  | { kind: 'interrupted'; calls: ModelCall[] };
