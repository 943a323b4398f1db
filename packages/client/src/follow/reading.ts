import { DarkroomError, isTransient } from '../http/error.ts';
import type { Http } from '../http/http.ts';
import { restMs } from '../http/pause.ts';
import type { JobView } from '../job/job.ts';

/** The reads of one job: held by the API until there is news (`?wait=`), or plain ones where that does not work. */
export interface Reading {
  /** One read. @returns milliseconds until the next. @throws DarkroomError when the API says no */
  read(signal: AbortSignal, how: { mayWait: boolean; isLive: boolean }): Promise<number>;
  /** Something may have been missed: the next read does not wait. */
  gap(): void;
  /** Whether the last read was answered. */
  isSound(): boolean;
}

const waitSeconds = 20;
const timeoutMs = 15_000;
const maxWaitFailures = 2;
/** An answer that took longer was held. */
const heldMs = 1_000;

/** `see` tells whether a state is news. */
export function createReading(
  http: Pick<Http, 'send'>,
  path: string,
  see: (job: JobView) => boolean,
): Reading {
  /** Names the state that was read last: a wait ends as soon as there is a later one. */
  let etag: string | null = null;
  let hasGap = false;
  let waitFailures = 0;
  let failures = 0;
  let idle = 0;

  const canWait = (mayWait: boolean) => mayWait && etag !== null && waitFailures < maxWaitFailures;

  return {
    isSound: () => failures === 0,

    gap() {
      hasGap = true;
      idle = 0;
    },

    async read(signal, { mayWait, isLive }) {
      const waits = canWait(mayWait) && !hasGap && !isLive;
      const startedAt = Date.now();
      let isNews: boolean;
      try {
        isNews = see(
          await http.send<JobView>('GET', waits ? `${path}?wait=${waitSeconds}` : path, {
            signal,
            tries: 1,
            timeoutMs: timeoutMs + (waits ? waitSeconds * 1_000 : 0),
            headers: waits ? { 'if-none-match': etag! } : {},
            onHeaders: (headers) => {
              etag = headers.get('etag');
            },
          }),
        );
      } catch (error) {
        hasGap = true;
        if (signal.aborted) return 0;
        return afterFailure(error, waits);
      }
      failures = 0;
      hasGap = false;
      if (isLive) return idle++ === 0 ? 3_000 : 15_000;
      const wasHeld = waits && (isNews || Date.now() - startedAt >= heldMs);
      if (wasHeld) waitFailures = 0;
      if (wasHeld || isNews) idle = 0;
      return wasHeld || (!waits && canWait(mayWait)) ? 0 : Math.min(5_000, 1_000 * 1.5 ** idle++);
    },
  };

  function afterFailure(error: unknown, waited: boolean): number {
    if (!(error instanceof DarkroomError)) throw error;
    const { status } = error;
    failures += 1;
    if (waited) waitFailures += 1;
    // The query is not to its liking: the plain read says whether the job is.
    if (waited && (status === 400 || status === 422)) waitFailures = maxWaitFailures;
    else if (!isTransient(error) && !(status && status >= 500)) throw error;
    return restMs(error, failures);
  }
}
