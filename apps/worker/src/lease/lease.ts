import type { Log } from '@darkroom/core/runtime/log/log';
import { settledWithin } from '@darkroom/core/runtime/time/with-timeout';
import type { Database } from '@darkroom/db/database';
import type { Dependency } from '../health/dependency.ts';
import type { ActiveRuns } from '../run/active-runs.ts';

export interface LeaseDeps {
  db: Pick<Database, 'heartbeat' | 'endWorker'>;
  runs: Pick<ActiveRuns, 'refs' | 'stop' | 'stopAll'>;
  database: Dependency;
  log: Log;
  /** Monotonic, in milliseconds: a wall clock may jump back and make an expired lease look valid. */
  now: () => number;
  newWorkerId: () => string;
  /** Heartbeat interval in milliseconds. Default 5,000. */
  everyMs?: number;
  /** The lease counts as lost this many milliseconds before it expires. Default 5,000, at most a quarter of the lease. */
  marginMs?: number;
}

/** This worker's right to work on jobs. One lease covers all of its runs. */
export interface Lease {
  /** Changes when a lease is lost: a lost lease is never resumed. */
  readonly workerId: string;
  readonly held: boolean;
  /** Resolves with true once the lease is held; with false after `timeoutMs` or after `stop`. */
  whenHeld(options: { timeoutMs: number }): Promise<boolean>;
  /** Sends a heartbeat now. False when it failed. */
  renew(): Promise<boolean>;
  start(): void;
  /** Ends the lease. Idempotent; waits at most `timeoutMs` for the database. */
  stop(options: { timeoutMs: number }): Promise<void>;
}

/**
 * Renews the lease by heartbeats and stops the runs that the database reports as lost. If the lease cannot be renewed in
 * time, every run is stopped before the lease expires by this process's clock, and a lease under a new id is requested.
 */
export function createLease(deps: LeaseDeps): Lease {
  const { db, runs, database, log, now, newWorkerId, everyMs = 5_000, marginMs = 5_000 } = deps;
  let workerId = newWorkerId();
  let safeUntil = Number.NEGATIVE_INFINITY;
  let state: 'new' | 'started' | 'stopped' = 'new';
  let heartbeats: NodeJS.Timeout | undefined;
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
      heartbeats = setInterval(tick, everyMs);
      tick();
    },
    async stop({ timeoutMs }) {
      if (state === 'stopped') return;
      state = 'stopped';
      clearInterval(heartbeats);
      clearTimeout(watchdog);
      wakeAll();
      const ended = Promise.allSettled(inFlight).then(() => db.endWorker({ workerId }));
      await settledWithin(
        timeoutMs,
        ended.catch((error: unknown) => database.down(error)),
      );
    },
  };

  /** Two requests may be in flight, so that one that hangs does not block the next. */
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
      // The database may have started the lease as soon as the request was sent.
      extend(sentAt + leaseMs - Math.min(marginMs, leaseMs / 4));
      database.up();
      return held();
    } catch (error) {
      database.down(error);
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
    // Under the old id the database would still count the stopped jobs as running here.
    workerId = newWorkerId();
    safeUntil = Number.NEGATIVE_INFINITY;
  }

  function whenHeld({ timeoutMs }: { timeoutMs: number }): Promise<boolean> {
    if (held() || state === 'stopped') return Promise.resolve(held());
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
