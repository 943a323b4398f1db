const lowest = 15;
const highest = 89;
const defaultMedianMs = 10_000;
const windowSize = 50;

/**
 * Estimates the progress of a model call in whole percent: 15 at the start, about 75 after the median time, and never
 * more than 89. Never decreases with time.
 */
export function estimateProgress({ elapsedMs, medianMs }: { elapsedMs: number; medianMs: number }): number {
  const usual = medianMs > 0 ? medianMs : defaultMedianMs;
  const share = 1 - Math.exp((-1.6 * Math.max(0, elapsedMs)) / usual);
  return Math.min(highest, lowest + Math.floor((highest + 1 - lowest) * share));
}

export interface Medians {
  /** Records the duration of a successful call, in milliseconds. */
  record(model: string, ms: number): void;
  /** The median duration of the model's last 50 calls, in milliseconds; 10,000 before the first. */
  of(model: string): number;
  /** The medians of all models with recorded calls. */
  all(): Record<string, number>;
}

/** Keeps the durations of the last 50 calls of each model. */
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
