import { type Call, oneAttempt } from '../transport/call.ts';

/** A waiting job's place in the queue, its priority, and when it became due. */
export type QueueMark = readonly [place: number, priority: number, runAtUs: number];

/** The queue of waiting jobs at one moment, and how fast it has been moving. */
export interface QueueSnapshot {
  now_us: number;
  /** Workers with a live lease. */
  workers: number;
  /** In order; all of the first hundred places, then a growing step between two. */
  marks: readonly QueueMark[];
  /** How long each processing job has been with its worker. */
  running_ms: readonly number[];
  /** Of the runs of the last ten minutes; null without any. */
  median_ms: number | null;
  mean_ms: number | null;
  /** How many runs ended within `span_ms`. */
  ended: number;
  span_ms: number;
  /** Jobs created within `span_ms` and claimed since: [priority, count]. */
  overtaking: readonly (readonly [priority: number, count: number])[];
}

export interface QueuePositionOperations {
  getQueueSnapshot(): Promise<QueueSnapshot>;
  /** What decides an unfinished job's place in the queue; null for any other job. */
  getQueuePlace(query: { jobId: string }): Promise<{ priority: number; run_at_us: number } | null>;
}

export function queuePositionOperations(call: Call): QueuePositionOperations {
  return {
    getQueueSnapshot: () => call('queue_snapshot', {}, oneAttempt),
    getQueuePlace: ({ jobId }) => call('queue_place', { p_job_id: jobId }, oneAttempt),
  };
}
