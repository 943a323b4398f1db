import * as fc from 'fast-check';
import { defineCommand } from '../command.ts';
import { isAlive, seconds } from '../model.ts';
import { anyWorker, findJob, jobThatIs, workers } from '../pick.ts';
import { heldBy } from '../transitions.ts';
import { claimJob } from './claim.ts';
import { refsOf, renewLease } from './heartbeat.ts';
import { pass } from './sweep.ts';

/**
 * A worker falls silent with a job in its hands: its lease ends. Another one goes on, or none does.
 * The same may happen to the same job again: some jobs kill whoever works on them.
 */
export const crash = defineCommand({
  weight: 4,
  choice: fc.record({
    worker: anyWorker,
    job: fc.oneof(
      { weight: 1, arbitrary: jobThatIs('suspect') },
      { weight: 2, arbitrary: jobThatIs('free') },
    ),
    alone: fc.constantFrom(false, false, false, true),
    times: fc.constantFrom(1, 2, 3, 3),
    swept: fc.boolean(),
  }),
  *steps({ worker, job, alone, times, swept }, context) {
    const others = alone ? [] : workers.filter((other) => other !== worker).slice(0, 1);
    const id = findJob(context.model, job);
    for (let time = 0; time < times; time += 1) {
      for (const each of [worker, ...others]) {
        if (!isAlive(context.model, each)) yield renewLease(context.model, each, refsOf(context.model, each));
      }
      if (id && heldBy(context.model, worker).length === 0) yield claimJob(context.model, id, worker);
      for (const pause of [seconds(20), seconds(15)]) {
        for (const other of others) yield renewLease(context.model, other, refsOf(context.model, other));
        yield { advanceMs: pause };
      }
      if (swept || time < times - 1) yield pass;
    }
  },
});
