import { DarkroomError } from '../http/error.ts';
import type { Http } from '../http/http.ts';
import { pause } from '../http/pause.ts';
import { aborted } from '../http/within.ts';
import { isTerminal, type JobView } from '../job/job.ts';
import type { Line } from './queue-position.ts';
import { createReading } from './reading.ts';
import { hearJob, type SupabaseClient } from './realtime.ts';
import { createStreaming } from './streaming.ts';
import type { OnWake } from './wake.ts';

export interface FollowOptions {
  /** Called with every newer state, first the one that is known already. An error of its own ends the following. */
  onUpdate?: (job: JobView) => void;
  /** Ends the following, not the job. */
  signal?: AbortSignal;
  /**
   * `auto`: the stream; where there is none, Realtime if a supabase-js client was given, and long polling. The others
   * ask for one way alone; what it misses is read all the same.
   */
  follow?: 'auto' | 'sse' | 'realtime' | 'poll';
}

export interface FollowDeps {
  http: Pick<Http, 'send' | 'open'>;
  line: Line;
  supabase?: SupabaseClient;
  onWake: OnWake;
}

const watchMs = 5_000;
/** A timer this late has slept. Less may be a page in the background, whose timers run once a minute. */
const sleepMs = 90_000;
/** Events that tell of a wake come together: a turn that has just begun knows all. */
const freshMs = 1_000;

/**
 * Follows a job until it is terminal, and resolves to it. Whatever the channel, a state is shown only if its version is
 * higher than the one before, and every gap (a broken line, a sleep, a wake) is closed by a read. Goes on for as long as
 * the API is only away; rejects when it says no, or the signal says so. @throws DarkroomError, what `onUpdate` throws
 */
export function followJob(
  { http, line, supabase, onWake }: FollowDeps,
  jobId: string,
  { onUpdate, signal, follow: by = 'auto' }: FollowOptions,
  from?: JobView,
): Promise<JobView> {
  return new Promise<JobView>((resolve, reject) => {
    const path = `/v1/jobs/${encodeURIComponent(jobId)}`;
    const reading = createReading(http, path, see);
    const streaming = createStreaming(http, path, line, see);
    let last: JobView | undefined;
    let isOver = false;
    let isLive = false;
    let turn = new AbortController();
    let turnAt = 0;
    let watchedAt = Date.now();
    let stopHearing: (() => void) | undefined;

    const offWake = onWake(() => {
      if (Date.now() - turnAt > freshMs) renew();
    });
    const watch = setInterval(look, watchMs);
    const onAbort = () => fail(aborted(signal));
    signal?.addEventListener('abort', onAbort);

    if (signal?.aborted) onAbort();
    else if (from) see(from);
    go().catch(fail);

    async function go(): Promise<void> {
      while (!isOver) {
        if (supabase && wantsRealtime()) stopHearing ??= hearJob(supabase, jobId, { row: see, live });
        turn = new AbortController();
        turnAt = Date.now();
        const free = line.hold();
        let restMs: number;
        try {
          restMs = await (free && mayStream() ? stream() : read(free !== null));
        } finally {
          free?.();
        }
        if (!isOver) await pause(restMs, turn.signal);
      }
    }

    function stream(): Promise<number> {
      // However it ends, what it missed is unknown.
      reading.gap();
      return streaming.run(turn);
    }

    async function read(mayWait: boolean): Promise<number> {
      const restMs = await reading.read(turn.signal, { mayWait, isLive });
      if (turn.signal.aborted || !reading.isSound()) return restMs;
      streaming.afterRead();
      return mayWait && mayStream() ? 0 : restMs;
    }

    /** @returns whether it was news */
    function see(job: JobView): boolean {
      if (isOver || !isNews(job, last)) return false;
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

    function look(): void {
      const now = Date.now();
      if (now - watchedAt > sleepMs || streaming.isSilent()) renew();
      // Streams do not tell the place in the line.
      else if (streaming.isRunning() && last?.status === 'pending') glance();
      watchedAt = now;
    }

    function glance(): void {
      http.send<JobView>('GET', path, { tries: 1, signal: turn.signal }).then(see, () => {});
    }

    /** Ends the turn; the next one reads what may have been missed. */
    function renew(): void {
      reading.gap();
      turn.abort();
    }

    function live(now: boolean): void {
      if (!now && !isLive) return;
      isLive = now;
      renew();
    }

    function fail(error: unknown): void {
      if (isOver) return;
      end();
      if (error instanceof DarkroomError) error.job ??= last ?? null;
      reject(error);
    }

    function end(): void {
      isOver = true;
      clearInterval(watch);
      offWake();
      stopHearing?.();
      signal?.removeEventListener('abort', onAbort);
      turn.abort();
    }

    function mayStream(): boolean {
      return (by === 'auto' || by === 'sse') && streaming.may();
    }

    function wantsRealtime(): boolean {
      return by === 'realtime' || (by === 'auto' && !streaming.mayLater());
    }
  });
}

/** A later version, or the same with another place in the line. */
function isNews(job: JobView | undefined, last: JobView | undefined): boolean {
  if (typeof job?.version !== 'number') return false;
  if (!last || job.version > last.version) return true;
  const place = job.queue_position;
  return job.version === last.version && place != null && place !== last.queue_position;
}
