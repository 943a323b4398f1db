import type { Call } from '../transport/call.ts';

export interface ModelHealth {
  /** Of the calls of the last ten minutes that returned an image. */
  median_ms: number | null;
  /** `ok` or a failure code, newest first, at most three. */
  latest: readonly string[];
}

export interface ModelOperations {
  /** How recent calls went, by model; without models that were not called. */
  getModelHealth(): Promise<Record<string, ModelHealth>>;
}

export function modelOperations(call: Call): ModelOperations {
  return {
    getModelHealth: () => call('model_health'),
  };
}
