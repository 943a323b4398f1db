import * as fc from 'fast-check';
import type { CallEntry, Model } from './model.ts';

/** What a worker says of its calls when it settles: nothing, or how each of them ended. */
export const callsSaid = fc.constantFrom(null, 'no_image', 'rate_limited', 'provider_unavailable');

/** The calls that this attempt has made so far, all with one ending. */
export const callsOf = (model: Model, id: string, attempt: number, code: string | null): CallEntry[] =>
  code === null
    ? []
    : (model.jobs[id]?.run?.attempts_log ?? [])
        .filter((entry) => entry.attempt === attempt)
        .map((entry) => ({ ...entry, code, ms: 5 }));
