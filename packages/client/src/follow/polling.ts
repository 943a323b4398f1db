import { DarkroomError, isTransient } from '../http/error.ts';
import type { Http } from '../http/http.ts';
import { backoffMs } from '../http/pause.ts';
import type { JobView } from '../job/job.ts';

/** Reads of one job: long polls (`?wait=`), or plain reads where those do not work. */
export interface Polling {
  /** One read. @returns milliseconds until the next one. @throws DarkroomError when the API rejects it */
  read(signal: AbortSignal, how: { mayWait: boolean; isLive: boolean }): Promise<number>;
  /** Changes may have been missed: the next read does not wait. */
  markGap(): void;
  /** Whether the last read was answered. */
  isHealthy(): boolean;
}

const waitSeconds = 20;
const timeoutMs = 15_000;
const maxWaitFailures = 2;
/** The API held an answer that took longer than this. */
const heldMs = 1_000;

/** @param show returns whether a state is newer */
export function createPolling(
  http: Pick<Http, 'send'>,
  path: string,
  show: (job: JobView) => boolean,
): Polling {
  /** Of the state that was read last: a long poll ends as soon as there is a later one. */
  let etag: string | null = null;
  let hasGap = false;
  let waitFailures = 0;
  let failures = 0;
  let idleReads = 0;

  const canWait = (mayWait: boolean) => mayWait && etag !== null && waitFailures < maxWaitFailures;

  return {
    isHealthy: () => failures === 0,

    markGap() {
      hasGap = true;
      idleReads = 0;
    },

    async read(signal, { mayWait, isLive }) {
      const waits = canWait(mayWait) && !hasGap && !isLive;
      const startedAt = Date.now();
      let isNewer: boolean;
      try {
        isNewer = show(
          await http.send<JobView>('GET', waits ? `${path}?wait=${waitSeconds}` : path, {
            signal,
            maxTries: 1,
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
      if (isLive) return idleReads++ === 0 ? 3_000 : 15_000;
      const wasHeld = waits && (isNewer || Date.now() - startedAt >= heldMs);
      if (wasHeld) waitFailures = 0;
      if (wasHeld || isNewer) idleReads = 0;
      return wasHeld || (!waits && canWait(mayWait)) ? 0 : Math.min(5_000, 1_000 * 1.5 ** idleReads++);
    },
  };

  function afterFailure(error: unknown, waited: boolean): number {
    if (!(error instanceof DarkroomError)) throw error;
    const { status } = error;
    failures += 1;
    if (waited) waitFailures += 1;
    // The API may reject only `?wait=`: a plain read will tell whether it rejects the job too.
    if (waited && (status === 400 || status === 422)) waitFailures = maxWaitFailures;
    else if (!isTransient(error) && !(status && status >= 500)) throw error;
    return backoffMs(error, failures);
  }
}
