/** One message of the queue: "look at this job". The row in Postgres says what is to be done. */
export interface Delivery {
  jobId: string;
  /** Grows with every delivery of the job, so that each has an id of its own and none is dropped as a duplicate. */
  delivery: number;
  /** The trace (W3C `traceparent`) that the delivery continues, where the producer runs outside of one. */
  trace?: string;
}

export interface ScheduledDelivery extends Delivery {
  /** 1 (first) to 2,097,151 (last). */
  priority: number;
  /** Milliseconds from now; 0 is at once. */
  delayMs: number;
}

/** The queue did not answer in time or rejected a call. Whether a delivery was added is unknown. */
export class QueueUnavailable extends Error {
  override name = 'QueueUnavailable';
}

/** What producers and the sweeper need of the queue. Every call fails fast. */
export interface Queue {
  readonly backend: 'redis' | 'postgres';
  /**
   * Adds deliveries; one that the queue already holds stays as it is.
   * @throws QueueUnavailable within `timeoutMs` (1,000 by default)
   */
  enqueue(deliveries: readonly ScheduledDelivery[], options?: { timeoutMs?: number }): Promise<void>;
  /**
   * The deliveries that no worker will receive: unknown to the queue, or finished. One round trip for any number.
   * @throws QueueUnavailable
   */
  findMissing(deliveries: readonly Delivery[], options?: { timeoutMs?: number }): Promise<Delivery[]>;
  /**
   * A random id that lives as long as the queue's content: a new one means that the queue was emptied.
   * @throws QueueUnavailable
   */
  epoch(options?: { timeoutMs?: number }): Promise<string>;
  /** Deliveries by state, for metrics. @throws QueueUnavailable */
  counts(): Promise<Record<'waiting' | 'active' | 'delayed' | 'failed' | 'completed', number>>;
  /** Whether an operator has paused the queue, so that workers take no deliveries. @throws QueueUnavailable */
  isPaused(): Promise<boolean>;
  /** Closes the connections. Idempotent; waits no longer than a second for an unreachable server. */
  close(): Promise<void>;
}

/**
 * Handles one delivery. `signal` aborts when the queue lost track of this run.
 * Returning `{ delayMs }` puts the same delivery back for later. Throwing only marks it as failed in the dashboard: the row
 * in Postgres decides what happens to the job.
 */
export type Handler = (delivery: Delivery, signal: AbortSignal) => Promise<{ delayMs: number } | undefined>;

export interface Consumer {
  /** Starts to take deliveries. Does not wait for the queue to be reachable. */
  start(): void;
  /** Stops taking deliveries; running handlers continue. Idempotent. */
  drain(): Promise<void>;
  /** Waits up to `graceMs` for running handlers, then closes. Idempotent; never rejects. */
  close(options: { graceMs: number }): Promise<void>;
}
