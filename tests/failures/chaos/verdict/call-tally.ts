import type { RecordedCall } from '@darkroom/local/gemini/calls';

/** What the models saw of one job. */
export interface SeenCalls {
  all: number;
  /** Without those that were turned away at the door, which cost nothing. */
  paid: number;
}

/** Counts the calls of each job, by its tag. */
export interface CallTally {
  /** Takes in what the stand-in remembers now. It forgets the oldest, so this is done now and then. */
  take(calls: readonly RecordedCall[]): void;
  of(tag: string): SeenCalls;
}

const free = new Set([400, 401, 403, 404, 429]);

export function createCallTally(): CallTally {
  const tally = new Map<string, SeenCalls>();
  return {
    take(calls) {
      const seen = new Map<string, SeenCalls>();
      for (const { prompt, status } of calls) {
        const tag = /#[\w-]+#/.exec(prompt)?.[0];
        if (!tag) continue;
        const one = seen.get(tag) ?? { all: 0, paid: 0 };
        one.all += 1;
        if (!free.has(status ?? 0)) one.paid += 1;
        seen.set(tag, one);
      }
      // A job's calls lie close together, so one of the looks sees all of them.
      for (const [tag, one] of seen) if (one.all >= (tally.get(tag)?.all ?? 0)) tally.set(tag, one);
    },
    of: (tag) => tally.get(tag) ?? { all: 0, paid: 0 },
  };
}
