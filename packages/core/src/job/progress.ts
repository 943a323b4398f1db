const lowest = 15;
const highest = 89;
const defaultMedianMs = 10_000;
const windowSize = 50;

/**
 * How far a model call has probably come, in percent: 15 at its start, about 75 after the usual time, and
 * never past 89 however long it takes. Rises with time; a whole number.
 */
export function estimateProgress({ elapsedMs, medianMs }: { elapsedMs: number; medianMs: number }): number {
  const usual = medianMs > 0 ? medianMs : defaultMedianMs;
  const share = 1 - Math.exp((-1.6 * Math.max(0, elapsedMs)) / usual);
  return Math.min(highest, lowest + Math.floor((highest + 1 - lowest) * share));
}

export interface Medians {
  /** Notes how long a successful call of this model took, in milliseconds. */
  record(model: string, ms: number): void;
  /** The median of the model's last 50 calls, in milliseconds; 10,000 before the first. */
  of(model: string): number;
  /** The medians known so far, by model. */
  all(): Record<string, number>;
}

/** Remembers how long each model has taken of late. */
export function createMedians(): Medians {
  const recent = new Map<string, number[]>();
  const of = (model: string) => medianOf(recent.get(model) ?? []) ?? defaultMedianMs;
  return {
    record(model, ms) {
      const times = recent.get(model) ?? [];
      recent.set(model, [...times, ms].slice(-windowSize));
    },
    of,
    all: () => Object.fromEntries([...recent.keys()].map((model) => [model, of(model)])),
  };
}

function medianOf(times: readonly number[]): number | undefined {
  const sorted = times.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}
