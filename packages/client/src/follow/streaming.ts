import { DarkroomError } from '../http/error.ts';
import type { Http } from '../http/http.ts';
import { restMs } from '../http/pause.ts';
import { within } from '../http/within.ts';
import type { JobView } from '../job/job.ts';
import type { Line } from './queue-position.ts';
import { NoStream, readStream } from './stream.ts';

/** The streams of one job, one after the other. */
export interface Streaming {
  /** Whether to try one now. */
  may(): boolean;
  /** Whether to try one now, or after a read. */
  mayLater(): boolean;
  /** One stream to its end, whatever that is. Never rejects. @returns milliseconds until what comes next, which is a read */
  run(turn: AbortController): Promise<number>;
  /** The job was read: the API is there, and if a stream of it gave nothing, the stream is to blame. */
  afterRead(): void;
  isRunning(): boolean;
  /** It runs and has been silent for longer than three keep-alives of the API. */
  isSilent(): boolean;
}

/** The first state is sent at once: a stream without it is held up on the way. */
const muteMs = 6_000;
const silenceMs = 45_000;
/** A stream that ends before this has failed. */
const soundMs = 5_000;
const maxFailures = 3;
const foreverMs = 2 ** 31 - 1;

export function createStreaming(
  http: Pick<Http, 'open'>,
  path: string,
  line: Line,
  see: (job: JobView) => void,
): Streaming {
  let failures = 0;
  let hasRead = true;
  let suspicion: 'doubt' | 'certain' | null = null;
  let isRunning = false;
  let heardAt = 0;

  const mayLater = () => failures < maxFailures && line.streams();

  return {
    may: () => hasRead && mayLater(),
    mayLater,
    isRunning: () => isRunning,
    isSilent: () => isRunning && Date.now() - heardAt > silenceMs,

    afterRead() {
      hasRead = true;
      if (suspicion) line.strike(suspicion === 'certain');
      suspicion = null;
    },

    async run(turn) {
      const startedAt = Date.now();
      let muted = false;
      let heard = false;
      const mute = setTimeout(() => {
        muted = true;
        turn.abort();
      }, muteMs);
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
      isRunning = true;
      heardAt = startedAt;
      let failure: unknown;
      try {
        await within(foreverMs, turn.signal, (signal) => readStream(http, `${path}/events`, on, signal));
      } catch (error) {
        failure = error;
      }
      clearTimeout(mute);
      isRunning = false;
      // Ended from outside, to be opened anew: its first state is as good as a read.
      if (turn.signal.aborted && !muted) return 0;
      hasRead = false;
      failures = heard && Date.now() - startedAt >= soundMs ? 0 : failures + 1;
      if (failure instanceof NoStream) suspicion = 'certain';
      else if (muted) suspicion = 'doubt';
      if (suspicion) return 0;
      const retryAfterMs = failure instanceof DarkroomError ? failure.retryAfterMs : null;
      return restMs({ retryAfterMs }, Math.max(1, failures));
    },
  };
}
