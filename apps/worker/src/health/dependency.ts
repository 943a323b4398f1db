import type { Log } from '@darkroom/core/runtime/log/log';

/** Whether a service that the worker depends on can be reached. */
export interface Dependency {
  /** A request succeeded. */
  up(): void;
  /** A request failed because the service cannot be reached. */
  down(error: unknown): void;
}

/** Logs each outage once and each recovery once, however many requests notice it. */
export function trackDependency(log: Log, name: 'database' | 'queue'): Dependency {
  let reachable = true;
  return {
    up() {
      if (reachable) return;
      reachable = true;
      log.fact(`${name}_recovered`);
    },
    down(error) {
      if (!reachable) return;
      reachable = false;
      log.fact(`${name}_unavailable`, { error });
    },
  };
}
