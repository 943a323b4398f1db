import { DarkroomError } from '../http/error.ts';
import type { Http } from '../http/http.ts';
import { backoffMs } from '../http/pause.ts';
import { withTimeLimit } from '../http/time-limit.ts';
import type { JobView } from '../job/job.ts';
import { type Connections, maxStrikes } from './connections.ts';
import { readStream, StreamUnavailable } from './stream.ts';

/** The streams of one job, one after another. */
export interface Streaming {
  /** Whether to open one now. */
  canStart(): boolean;
  /** Whether to open one now or after the next read. */
  isUsable(): boolean;
  /** Runs one stream until it ends for any reason. Never rejects. @returns milliseconds until the read that follows */
  run(round: AbortController): Promise<number>;
  /** A read was answered: the API is reachable, so a stream that sent nothing before is at fault. */
  afterRead(): void;
  isRunning(): boolean;
  /** It runs and has been silent for longer than three keep-alives of the API. */
  isSilent(): boolean;
}

/** The API sends the first state at once: without it in this time something buffers the stream. */
const firstStateMs = 6_000;
const silenceMs = 45_000;
/** A stream that ends earlier than this has failed. */
const healthyMs = 5_000;
const maxFailures = 3;
/** The longest delay of a timer. */
const unlimitedMs = 2 ** 31 - 1;

export function createStreaming(
  http: Pick<Http, 'open'>,
  path: string,
  connections: Connections,
  show: (job: JobView) => void,
): Streaming {
  let failures = 0;
  let hasRead = true;
  /** For the last stream, counted only once a read shows that the API is reachable. */
  let strikes = 0;
  let isRunning = false;
  let heardAt = 0;

  const isUsable = () => failures < maxFailures && connections.canStream();

  return {
    canStart: () => hasRead && isUsable(),
    isUsable,
    isRunning: () => isRunning,
    isSilent: () => isRunning && Date.now() - heardAt > silenceMs,

    afterRead() {
      hasRead = true;
      connections.addStrikes(strikes);
      strikes = 0;
    },

    async run(round) {
      const startedAt = Date.now();
      let isMute = false;
      let hasState = false;
      const muteTimer = setTimeout(() => {
        isMute = true;
        round.abort();
      }, firstStateMs);
      const listeners = {
        onBytes() {
          heardAt = Date.now();
        },
        onEvent({ event, data }: { event: string; data: string }) {
          if (event !== 'job') return;
          clearTimeout(muteTimer);
          hasState = true;
          show(JSON.parse(data));
        },
      };
      isRunning = true;
      heardAt = startedAt;
      let failure: unknown;
      try {
        await withTimeLimit(unlimitedMs, round.signal, (signal) =>
          readStream(http, `${path}/events`, listeners, signal),
        );
      } catch (error) {
        failure = error;
      }
      clearTimeout(muteTimer);
      isRunning = false;
      // Aborted by the follower, which opens a new one: its first state replaces a read.
      if (round.signal.aborted && !isMute) return 0;
      hasRead = false;
      failures = hasState && Date.now() - startedAt >= healthyMs ? 0 : failures + 1;
      if (failure instanceof StreamUnavailable) strikes = maxStrikes;
      else if (isMute) strikes = 1;
      if (strikes > 0) return 0;
      const retryAfterMs = failure instanceof DarkroomError ? failure.retryAfterMs : null;
      return backoffMs({ retryAfterMs }, Math.max(1, failures));
    },
  };
}
