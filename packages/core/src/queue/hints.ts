/** "This job has changed: look now." Listeners read the row, so a lost or false hint does no harm. */
export interface Hint {
  jobId: string;
  /** Where it is known; listeners that have not seen the job yet need it. */
  userId?: string;
  /** The job's version after the change, where it is known; who has seen it already need not look. */
  version?: number;
  /** The change did not end the job, so callers that wait for its end need not look. */
  isInterim?: boolean;
}

/** Passes hints between the processes of a deployment. Best effort: at most once, to current listeners. */
export interface Hints {
  /** Sends without waiting. Never throws, and keeps nothing while the server is away. */
  publish(hint: Hint): void;
  /** Returns a function that ends the subscription. */
  subscribe(listener: (hint: Hint) => void): () => void;
  /** Idempotent; never waits for an unreachable server. */
  close(): Promise<void>;
}

/** Sends and receives nothing: for processes that only look at the rows. */
export const noHints: Hints = {
  publish: () => undefined,
  subscribe: () => () => undefined,
  close: async () => undefined,
};
