import type { Log } from '../runtime/log/log.ts';

/** How often, at most, a lasting outage is told again, in milliseconds. */
const repeatMs = 60_000;

/** Remembers whether the queue answers, and tells the log when that changes: not once a failed call. */
export interface Availability {
  readonly failing: boolean;
  failed(error: unknown): void;
  worked(): void;
}

/** Creates an {@link Availability} that is hopeful at first. `now` is in milliseconds. */
export function createAvailability({ log, now = Date.now }: { log: Log; now?: () => number }): Availability {
  let failingSince: number | null = null;
  let toldAt = 0;
  let untold = 0;

  return {
    get failing() {
      return failingSince !== null;
    },
    failed(error) {
      failingSince ??= now();
      if (untold > 0 && now() - toldAt < repeatMs) {
        untold += 1;
        return;
      }
      log.fact('queue_unavailable', { error, failures: Math.max(untold, 1) });
      toldAt = now();
      untold = 1;
    },
    worked() {
      if (failingSince === null) return;
      log.fact('queue_recovered', { down_ms: now() - failingSince });
      failingSince = null;
      untold = 0;
    },
  };
}
