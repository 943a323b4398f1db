import type { Log } from '../runtime/log/log.ts';

/** How often a lasting outage is logged again, in milliseconds. */
const repeatMs = 60_000;

/** Tracks whether the queue's server answers and logs when that changes, instead of every failed call. */
export interface OutageLog {
  /** Whether the latest call failed. */
  readonly failing: boolean;
  failed(error: unknown): void;
  succeeded(): void;
}

/** Creates an {@link OutageLog} that starts as not failing. `now` is in milliseconds. */
export function createOutageLog({ log, now = Date.now }: { log: Log; now?: () => number }): OutageLog {
  let failingSince: number | null = null;
  let loggedAt = 0;
  let unlogged = 0;

  return {
    get failing() {
      return failingSince !== null;
    },
    failed(error) {
      failingSince ??= now();
      if (unlogged > 0 && now() - loggedAt < repeatMs) {
        unlogged += 1;
        return;
      }
      log.fact('queue_unavailable', { error, failures: Math.max(unlogged, 1) });
      loggedAt = now();
      unlogged = 1;
    },
    succeeded() {
      if (failingSince === null) return;
      log.fact('queue_recovered', { down_ms: now() - failingSince });
      failingSince = null;
      unlogged = 0;
    },
  };
}
