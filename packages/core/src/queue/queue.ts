/** One ring of the doorbell: "look at this job". The row in Postgres says what is to be done. */
export interface Delivery {
  jobId: string;
  /** Grows with every delivery of the job, so that none is swallowed by one the queue still keeps. */
  delivery: number;
  /** The trace to go on with (W3C `traceparent`), where whoever delivers is in none of its own. */
  trace?: string;
}

export interface Order {
  /** 1 (first) to 2,097,151 (last). */
  priority: number;
  /** Milliseconds from now; 0 is at once. */
  delayMs: number;
}

/** The queue could not be reached in time. Nothing is known about whether the delivery got in. */
export class QueueUnavailable extends Error {
  override name = 'QueueUnavailable';
}

/** What a producer and the sweeper need of the queue. Every call fails fast. */
export interface Queue {
  readonly backend: 'redis' | 'postgres';
  /**
   * Adds deliveries; one the queue already holds is left as it is.
   * @throws QueueUnavailable after `timeoutMs` (default 1,000) at the latest.
   */
  deliver(deliveries: readonly (Delivery & Order)[], options?: { timeoutMs?: number }): Promise<void>;
  /**
   * Which of these deliveries will never be handed to a worker: unknown to the queue, or finished.
   * Costs one round trip however many are asked for.
   * @throws QueueUnavailable
   */
  gone(deliveries: readonly Delivery[], options?: { timeoutMs?: number }): Promise<Delivery[]>;
  /**
   * A random mark that lives as long as the queue's content does: a new one means that the queue was emptied.
   * @throws QueueUnavailable
   */
  epoch(options?: { timeoutMs?: number }): Promise<string>;
  /** Deliveries by state, for metrics. @throws QueueUnavailable */
  counts(): Promise<Record<'waiting' | 'active' | 'delayed' | 'failed' | 'completed', number>>;
  /** Whether an operator paused it: workers take no delivery. @throws QueueUnavailable */
  isPaused(): Promise<boolean>;
  /** Closes the connections; idempotent, and never waits longer than a second for an unreachable server. */
  close(): Promise<void>;
}

/**
 * Handles one delivery. `signal` aborts when the queue lost track of this run.
 * Returning `{ delayMs }` hands the same delivery back to be made again later; throwing only marks the
 * delivery as failed for the dashboard: the row in Postgres decides what happens to the job.
 */
export type Handler = (delivery: Delivery, signal: AbortSignal) => Promise<{ delayMs: number } | undefined>;

export interface Consumer {
  /** Starts to take deliveries. Does not wait for the queue to be reachable. */
  start(): void;
  /** Takes no further deliveries; those running go on. Idempotent. */
  drain(): Promise<void>;
  /** Waits for running handlers up to `graceMs`, then closes. Idempotent; always resolves. */
  close(options: { graceMs: number }): Promise<void>;
}
