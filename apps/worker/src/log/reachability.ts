import type { Log } from '@darkroom/core/runtime/log/log';

export interface Reachability {
  reached(): void;
  missed(error: unknown): void;
}

/** Tells that a part of the system went away or came back, once each time. */
export function createReachability(log: Log, part: 'database' | 'queue'): Reachability {
  let reachable = true;
  return {
    reached() {
      if (reachable) return;
      reachable = true;
      log.fact(`${part}_recovered`);
    },
    missed(error) {
      if (!reachable) return;
      reachable = false;
      log.fact(`${part}_unavailable`, { error });
    },
  };
}
