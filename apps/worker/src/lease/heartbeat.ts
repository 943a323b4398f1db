import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import type { Reachability } from '../log/reachability.ts';
import type { Runs } from '../run/runs.ts';
import { atMost } from '../time/at-most.ts';

export interface LeaseDeps {
  db: Pick<Database, 'heartbeat' | 'endWorker'>;
  runs: Pick<Runs, 'refs' | 'stop' | 'stopAll'>;
  database: Reachability;
  log: Log;
  /** Monotonic, in milliseconds; a wall clock may jump and outlive a lease. */
  now: () => number;
  newWorkerId: () => string;
  /** Between two heartbeats. Default 5,000. */
  everyMs?: number;
  /** How long before its end a lease that could not be renewed counts as lost. Default 5,000, at most a quarter of it. */
  marginMs?: number;
}

/** This worker's right to work on jobs. All jobs it runs live under the one lease. */
export interface Lease {
  /** A lease that was given up is never taken up again: the next one has a new id. */
  readonly workerId: string;
  readonly held: boolean;
  /** True as soon as the lease is held, false after `timeoutMs` or when it has ended. */
  whenHeld(options: { timeoutMs: number }): Promise<boolean>;
  /** One heartbeat now. False when it did not get through. */
  renew(): Promise<boolean>;
  start(): void;
  /** Gives the lease up. Idempotent; waits at most `timeoutMs` for the database. */
  stop(options: { timeoutMs: number }): Promise<void>;
}

/**
 * Renews the lease and stops the runs that the database no longer counts as ours. When it cannot be renewed in time,
 * every run is stopped before the lease is over, by this process's own clock, and a new lease is sought.
 */
export function createLease(deps: LeaseDeps): Lease {
  const { db, runs, database, log, now, newWorkerId, everyMs = 5_000, marginMs = 5_000 } = deps;
  let workerId = newWorkerId();
  let safeUntil = Number.NEGATIVE_INFINITY;
  let state: 'new' | 'started' | 'ended' = 'new';
  let beating: NodeJS.Timeout | undefined;
  let watchdog: NodeJS.Timeout | undefined;
  const inFlight = new Set<Promise<boolean>>();
  const waiting = new Set<() => void>();

  const held = () => state === 'started' && now() < safeUntil;

  return {
    get workerId() {
      return workerId;
    },
    get held() {
      return held();
    },
    whenHeld,
    renew,
    start() {
      if (state !== 'new') return;
      state = 'started';
      beating = setInterval(tick, everyMs);
      tick();
    },
    async stop({ timeoutMs }) {
      if (state === 'ended') return;
      state = 'ended';
      clearInterval(beating);
      clearTimeout(watchdog);
      wakeAll();
      const farewell = Promise.allSettled(inFlight).then(() => db.endWorker({ workerId }));
      await atMost(timeoutMs, farewell).catch((error: unknown) => database.missed(error));
    },
  };

  /** A request that hangs must not keep the next one from being sent, so two may be on their way. */
  function tick(): void {
    if (inFlight.size < 2) void renew();
  }

  function renew(): Promise<boolean> {
    const beat = sendHeartbeat().finally(() => inFlight.delete(beat));
    inFlight.add(beat);
    return beat;
  }

  async function sendHeartbeat(): Promise<boolean> {
    const id = workerId;
    const sentAt = now();
    try {
      const { leaseMs, lost } = await db.heartbeat({ workerId: id, jobs: runs.refs() });
      runs.stop(lost, 'lost');
      if (id !== workerId || state !== 'started') return false;
      // The lease may have begun as soon as the request left, so its end is counted from there.
      extend(sentAt + leaseMs - Math.min(marginMs, leaseMs / 4));
      database.reached();
      return held();
    } catch (error) {
      database.missed(error);
      return false;
    }
  }

  function extend(until: number): void {
    safeUntil = Math.max(safeUntil, until);
    armWatchdog();
    if (held()) wakeAll();
  }

  function armWatchdog(): void {
    clearTimeout(watchdog);
    watchdog = setTimeout(
      () => (held() ? armWatchdog() : abandon()),
      Math.max(0, Math.ceil(safeUntil - now())),
    );
  }

  function abandon(): void {
    log.fact('lease_lost', { worker_id: workerId, jobs: runs.refs().length });
    runs.stopAll('lost');
    // Under the old id, the database would take jobs that nobody works on any more for ours.
    workerId = newWorkerId();
    safeUntil = Number.NEGATIVE_INFINITY;
  }

  function whenHeld({ timeoutMs }: { timeoutMs: number }): Promise<boolean> {
    if (held() || state === 'ended') return Promise.resolve(held());
    return new Promise<boolean>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        waiting.delete(wake);
        resolve(held());
      };
      const timer = setTimeout(wake, timeoutMs);
      waiting.add(wake);
    });
  }

  function wakeAll(): void {
    for (const wake of [...waiting]) wake();
  }
}
