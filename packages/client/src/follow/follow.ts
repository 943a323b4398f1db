import { DarkroomError, isTransient } from '../http/error.ts';
import type { Http } from '../http/http.ts';
import { pause, restMs } from '../http/pause.ts';
import { aborted, within } from '../http/within.ts';
import { isTerminal, type JobView } from '../job/job.ts';
import type { Line } from './line.ts';
import { hearJob, type SupabaseClient } from './realtime.ts';
import { NoStream, readStream } from './stream.ts';
import type { OnWake } from './wake.ts';

export interface FollowOptions {
  /** Called with every newer state, first the one that is known already. An error of its own ends the following. */
  onUpdate?: (job: JobView) => void;
  /** Ends the following, not the job. */
  signal?: AbortSignal;
  /**
   * `auto`: the stream; where there is none, Realtime if a supabase-js client was given, and long polling. The others
   * try one way alone; what it misses is read all the same.
   */
  follow?: 'auto' | 'sse' | 'realtime' | 'poll';
}

export interface FollowDeps {
  http: Pick<Http, 'send' | 'open'>;
  line: Line;
  supabase?: SupabaseClient;
  onWake: OnWake;
}

/** The snapshot comes first: a stream that is silent for so long is held up on the way. */
const muteMs = 6_000;
/** Three keep-alives of the API. */
const silenceMs = 45_000;
const watchMs = 5_000;
/** A timer this late has slept. Less may be a page in the background, whose timers run once a minute. */
const sleepMs = 90_000;
/** A stream that ends before this has failed. */
const soundMs = 5_000;
const maxFailures = 3;
const waitSeconds = 20;
const longestMs = 2 ** 31 - 1;

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
  const path = `/v1/jobs/${encodeURIComponent(jobId)}`;
  let last: JobView | undefined;
  let isOver = false;
  let turn = new AbortController();
  let turnAt = 0;
  /** Something may have been missed: the next read must not wait. */
  let gap = from === undefined;
  /** A stream has ended: a read comes before the next one. */
  let readFirst = false;
  /** Why it gave nothing; held against it when the API can be read after all. */
  let suspicion: 'doubt' | 'certain' | undefined;
  let streamFailures = 0;
  let isStreaming = false;
  let heardAt = 0;
  let readFailures = 0;
  let waitFailures = 0;
  let idleReads = 0;
  let isLive = false;
  let stopHearing: (() => void) | undefined;

  return new Promise<JobView>((resolve, reject) => {
    const offWake = onWake(() => {
      // Several of these events come together: a turn that has just begun knows all.
      if (Date.now() - turnAt > 1_000) kick();
    });
    let watchedAt = Date.now();
    const watch = setInterval(() => {
      const now = Date.now();
      if (now - watchedAt > sleepMs || (isStreaming && now - heardAt > silenceMs)) kick();
      watchedAt = now;
    }, watchMs);
    const onAbort = () => fail(aborted(signal));

    if (signal?.aborted) {
      onAbort();
      return;
    }
    signal?.addEventListener('abort', onAbort);
    see(from);
    go().catch(fail);

    function end(): void {
      isOver = true;
      clearInterval(watch);
      offWake();
      stopHearing?.();
      signal?.removeEventListener('abort', onAbort);
      turn.abort();
    }

    function fail(error: unknown): void {
      if (isOver) return;
      end();
      if (error instanceof DarkroomError) error.job ??= last ?? null;
      reject(error);
    }

    function see(job: Partial<JobView> | undefined): void {
      if (isOver || !isNews(job, last)) return;
      last = job;
      try {
        onUpdate?.(job);
      } catch (error) {
        fail(error);
      }
      if (isOver || !isTerminal(job)) return;
      end();
      resolve(job);
    }

    async function go(): Promise<void> {
      while (!isOver) {
        if (supabase && wantsRealtime()) stopHearing ??= hearJob(supabase, jobId, { row: see, live });
        turn = new AbortController();
        turnAt = Date.now();
        const free = line.hold();
        let rest: number;
        try {
          rest = await (free && mayStream() && !readFirst ? streamTurn() : readTurn(free !== null));
        } finally {
          free?.();
        }
        if (!isOver) await pause(rest, turn.signal);
      }
    }

    /** One stream to its end. @returns milliseconds until the next turn */
    async function streamTurn(): Promise<number> {
      let muted = false;
      let heard = false;
      const mute = setTimeout(() => {
        muted = true;
        turn.abort();
      }, muteMs);
      isStreaming = true;
      heardAt = turnAt;
      const on = {
        bytes() {
          heardAt = Date.now();
        },
        event({ event, data }: { event: string; data: string }) {
          if (event !== 'job') return;
          clearTimeout(mute);
          heard = true;
          see(JSON.parse(data));
        },
      };
      let failure: unknown;
      try {
        await within(longestMs, turn.signal, (cut) => readStream(http, `${path}/events`, on, cut));
      } catch (error) {
        failure = error;
      }
      clearTimeout(mute);
      isStreaming = false;
      gap = true;
      if (turn.signal.aborted && !muted) return 0;
      readFirst = true;
      if (failure instanceof NoStream) suspicion = 'certain';
      else if (muted) suspicion = 'doubt';
      streamFailures = heard && Date.now() - turnAt >= soundMs ? 0 : streamFailures + 1;
      return suspicion ? 0 : restMs({ retryAfterMs: null }, Math.max(1, streamFailures));
    }

    /** One read, which the API may hold until there is news. @returns milliseconds until the next turn */
    async function readTurn(isHeld: boolean): Promise<number> {
      const waits = isHeld && !gap && !isLive && waitFailures < 2;
      const before = last?.version;
      try {
        see(
          await http.send<JobView>('GET', waits ? `${path}?wait=${waitSeconds}` : path, {
            signal: turn.signal,
            tries: 1,
            timeoutMs: (waits ? waitSeconds * 1_000 : 0) + 15_000,
          }),
        );
      } catch (error) {
        return afterFailure(error, waits);
      }
      if (suspicion) line.strike(suspicion === 'certain');
      suspicion = undefined;
      gap = readFirst = false;
      readFailures = 0;
      if (isHeld && mayStream()) return 0;
      if (isLive) return idleReads++ === 0 ? 3_000 : 15_000;
      const changed = last?.version !== before;
      const waited = waits && (changed || Date.now() - turnAt >= 1_000);
      if (waited) waitFailures = 0;
      if (changed || waited) idleReads = 0;
      return waited ? 0 : Math.min(5_000, 1_000 * 1.5 ** idleReads++);
    }

    function afterFailure(error: unknown, waited: boolean): number {
      gap = true;
      if (turn.signal.aborted) return 0;
      if (!(error instanceof DarkroomError)) throw error;
      const { status } = error;
      if (waited) waitFailures += 1;
      // The query is not to its liking: the plain read says whether the job is.
      if (waited && (status === 400 || status === 422)) waitFailures = Number.POSITIVE_INFINITY;
      else if (!isTransient(error) && !(status && status >= 500)) throw error;
      readFailures += 1;
      return restMs(error, readFailures);
    }

    /** Ends the turn: what follows knows of a gap. */
    function kick(): void {
      gap = true;
      turn.abort();
    }

    function live(now: boolean): void {
      if (!now && !isLive) return;
      isLive = now;
      idleReads = 0;
      kick();
    }
  });

  function mayStream(): boolean {
    return (by === 'auto' || by === 'sse') && line.streams() && streamFailures < maxFailures;
  }

  function wantsRealtime(): boolean {
    return by === 'realtime' || (by === 'auto' && !mayStream());
  }
}

/** A later version, or the same with another place in the line. */
function isNews(job: Partial<JobView> | undefined, last: JobView | undefined): job is JobView {
  if (typeof job?.version !== 'number') return false;
  if (!last || job.version > last.version) return true;
  const place = job.queue_position;
  return job.version === last.version && place != null && place !== last.queue_position;
}
