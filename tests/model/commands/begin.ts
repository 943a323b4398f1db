import * as fc from 'fast-check';
import { defineCommand } from '../command.ts';
import { users, workers } from '../pick.ts';
import { submit } from '../submit.ts';
import { renewLease } from './heartbeat.ts';

/** How most sequences begin: workers are up, and users have sent something. */
export const begin = defineCommand({
  weight: 1,
  choice: fc.record({ workers: fc.nat({ max: 3 }), jobs: fc.nat({ max: 4 }) }),
  *steps({ workers: up, jobs }, context) {
    for (const worker of workers.slice(0, up)) yield renewLease(context.model, worker, []);
    for (let n = 0; n < jobs; n += 1) {
      yield submit({ user: users[n % 2]!, key: `first ${n}`, hash: 'one', price: n, deadlineMs: 600_000 });
    }
  },
});
