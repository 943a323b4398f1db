import * as fc from 'fast-check';
import { defineCommand, type Step } from '../command.ts';
import { hours, isAlive, seconds } from '../model.ts';
import { workers } from '../pick.ts';
import { refsOf, renewLease } from './heartbeat.ts';

/** Time passes: delays end, leases lapse, deadlines pass; rarely keys and workers grow old. */
export const advance = defineCommand({
  weight: 7,
  choice: fc.record({
    advanceMs: fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom(1, 2, 3, 5, 8, 11, 20, 30, 31).map(seconds) },
      { weight: 8, arbitrary: fc.constantFrom(60, 70, 120, 300).map(seconds) },
      { weight: 2, arbitrary: fc.constant(seconds(660)) },
      { weight: 3, arbitrary: fc.constantFrom(25, 48, 49).map(hours) },
    ),
  }),
  steps: ({ advanceMs }): Step[] => [{ advanceMs }],
});

/** A while in which every worker does as it should: it renews its lease and names all that it holds. */
export const workOn = defineCommand({
  weight: 5,
  choice: fc.record({ advanceMs: fc.constantFrom(2, 5, 11, 20).map(seconds) }),
  *steps({ advanceMs }, context) {
    const alive = workers.filter((worker) => isAlive(context.model, worker));
    yield { advanceMs };
    for (const worker of alive.length > 0 ? alive : workers) {
      yield renewLease(context.model, worker, refsOf(context.model, worker));
    }
  },
});
