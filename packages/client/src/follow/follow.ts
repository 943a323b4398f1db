import { DarkroomError } from '../http/error.ts';
import type { Http } from '../http/http.ts';
import { pause } from '../http/pause.ts';
import { aborted } from '../http/time-limit.ts';
import { isTerminal, type JobView } from '../job/job.ts';
import type { Connections } from './connections.ts';
import { createPolling } from './polling.ts';
import { type SupabaseClient, subscribeToJob } from './realtime.ts';
import { createStreaming } from './streaming.ts';
import type { OnWake } from './wake.ts';

export interface FollowOptions {
  /** Called with every newer state, starting with the one already known. If it throws, following ends with that error. */
  onUpdate?: (job: JobView) => void;
  /** Stops following; the job continues. */
  signal?: AbortSignal;
  /**
   * `auto`: the API's stream; without one, Realtime if a supabase-js client was given, and long polling. The others use
   * that channel only; reads close its gaps all the same.
   */
  follow?: 'auto' | 'sse' | 'realtime' | 'poll';
}

export interface FollowDeps {
  http: Pick<Http, 'send' | 'open'>;
  connections: Connections;
  supabase?: SupabaseClient;
  onWake: OnWake;
}

const checkEveryMs = 5_000;
/** A timer this late means that the device slept. Timers of a background page may run once a minute. */
const asleepMs = 90_000;
/** Several events report one wake: a round that has just begun already reads everything. */
const freshMs = 1_000;

/**
 * Follows a job until it is terminal and resolves to it. On every channel a state is shown only if its version is higher
 * than the last one, and every gap (a broken connection, sleep, a wake) is closed by a read. Keeps trying while the API is
 * unreachable; rejects when the API rejects a request or the signal aborts. @throws DarkroomError, what `onUpdate` throws
 */
export function followJob(
  { http, connections, supabase, onWake }: FollowDeps,
  jobId: string,
  { onUpdate, signal, follow: channel = 'auto' }: FollowOptions,
  known?: JobView,
): Promise<JobView> {
  return new Promise<JobView>((resolve, reject) => {
    const path = `/v1/jobs/${encodeURIComponent(jobId)}`;
    const polling = createPolling(http, path, show);
    const streaming = createStreaming(http, path, connections, show);
    let last: JobView | undefined;
    let isOver = false;
    /** Whether Realtime is sending changes. */
    let isLive = false;
    /** One stream or one read, with the pause after it. */
    let round = new AbortController();
    let roundAt = 0;
    let checkedAt = Date.now();
    let unsubscribe: (() => void) | undefined;

    const offWake = onWake(() => {
      if (Date.now() - roundAt > freshMs) restart();
    });
    const timer = setInterval(check, checkEveryMs);
    const onAbort = () => fail(aborted(signal));
    signal?.addEventListener('abort', onAbort);

    if (signal?.aborted) onAbort();
    else if (known) show(known);
    run().catch(fail);

    async function run(): Promise<void> {
      while (!isOver) {
        if (supabase && wantsRealtime()) {
          unsubscribe ??= subscribeToJob(supabase, jobId, { onRow: show, onLive: setLive });
        }
        round = new AbortController();
        roundAt = Date.now();
        const free = connections.hold();
        let delayMs: number;
        try {
          delayMs = await (free && mayStream() ? stream() : read(free !== null));
        } finally {
          free?.();
        }
        if (!isOver) await pause(delayMs, round.signal);
      }
    }

    function stream(): Promise<number> {
      // However the stream ends, changes after it may be missed.
      polling.markGap();
      return streaming.run(round);
    }

    async function read(mayWait: boolean): Promise<number> {
      const delayMs = await polling.read(round.signal, { mayWait, isLive });
      if (round.signal.aborted || !polling.isHealthy()) return delayMs;
      streaming.afterRead();
      return mayWait && mayStream() ? 0 : delayMs;
    }

    /** @returns whether the state is newer */
    function show(job: JobView): boolean {
      if (isOver || !isNewer(job, last)) return false;
      last = job;
      try {
        onUpdate?.(job);
      } catch (error) {
        fail(error);
      }
      if (!isOver && isTerminal(job)) {
        end();
        resolve(job);
      }
      return true;
    }

    function check(): void {
      const now = Date.now();
      if (now - checkedAt > asleepMs || streaming.isSilent()) restart();
      // Streams do not send the queue position.
      else if (streaming.isRunning() && last?.status === 'pending') readPosition();
      checkedAt = now;
    }

    function readPosition(): void {
      http.send<JobView>('GET', path, { maxTries: 1, signal: round.signal }).then(show, () => {});
    }

    /** Ends the round; the next one reads what may have been missed. */
    function restart(): void {
      polling.markGap();
      round.abort();
    }

    function setLive(live: boolean): void {
      if (!live && !isLive) return;
      isLive = live;
      restart();
    }

    function fail(error: unknown): void {
      if (isOver) return;
      end();
      if (error instanceof DarkroomError) error.job ??= last ?? null;
      reject(error);
    }

    function end(): void {
      isOver = true;
      clearInterval(timer);
      offWake();
      unsubscribe?.();
      signal?.removeEventListener('abort', onAbort);
      round.abort();
    }

    function mayStream(): boolean {
      return (channel === 'auto' || channel === 'sse') && streaming.canStart();
    }

    function wantsRealtime(): boolean {
      return channel === 'realtime' || (channel === 'auto' && !streaming.isUsable());
    }
  });
}

/** A later version, or the same version with another queue position. */
function isNewer(job: JobView | undefined, last: JobView | undefined): boolean {
  if (typeof job?.version !== 'number') return false;
  if (!last || job.version > last.version) return true;
  const position = job.queue_position;
  return job.version === last.version && position != null && position !== last.queue_position;
}
