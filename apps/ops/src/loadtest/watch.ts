import { setTimeout as delay } from 'node:timers/promises';
import type { JobTimes } from '@darkroom/db/operators/jobs';
import type { OperatorDatabase } from '@darkroom/db/operators/open';

export interface JobWatcher {
  /** Call once all ids are known. Resolves with the times of all jobs when all have ended, or after `timeoutMs`. */
  untilAllEnded(timeoutMs: number): Promise<JobTimes[]>;
  /** Stops polling. */
  stop(): Promise<void>;
}

const pollEveryMs = 1_000;
/** More ids would make the URL of the request too long. */
const idsPerRequest = 100;

/** Polls the times of the jobs in `ids`, a list that may grow meanwhile. When `signal` aborts it stops waiting. */
export function watchJobs(
  db: Pick<OperatorDatabase, 'listTimes'>,
  ids: readonly string[],
  { signal, onPoll }: { signal: AbortSignal; onPoll(seen: readonly JobTimes[]): void },
): JobWatcher {
  const seen = new Map<string, JobTimes>();
  const stopping = new AbortController();
  let endsAt = Number.POSITIVE_INFINITY;
  let allKnown = false;
  const polling = poll();
  // Errors are reported by untilAllEnded.
  polling.catch(() => undefined);

  return {
    async untilAllEnded(timeoutMs) {
      allKnown = true;
      endsAt = performance.now() + timeoutMs;
      await polling;
      return [...seen.values()];
    },
    async stop() {
      stopping.abort();
      await polling.catch(() => undefined);
    },
  };

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      const open = ids.filter((id) => !seen.get(id)?.completed_at);
      for (let from = 0; from < open.length; from += idsPerRequest) {
        const rows = await db.listTimes({ jobIds: open.slice(from, from + idsPerRequest) });
        for (const row of rows) seen.set(row.id, row);
      }
      onPoll([...seen.values()]);
      const unfinished = ids.some((id) => !seen.get(id)?.completed_at);
      if (allKnown && (!unfinished || signal.aborted || performance.now() > endsAt)) return;
      await delay(pollEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }
}
