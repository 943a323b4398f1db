import type { Job as SharedJob } from '@darkroom/core/job/job';
import { isTerminal as isTerminalStatus, jobStatuses } from '@darkroom/core/job/job';
import { expect, expectTypeOf, it } from 'vitest';
<<<<<<< HEAD
=======
import type { FailureCode as ClientFailureCode } from '../http/error.ts';
>>>>>>> 05e2fae (Make the failure table the only source: paid and refund in it, the SQL written from it, lists held by type)
import { isTerminal, type Job } from './job.ts';

it('the job is the same as in every channel', () => {
  expectTypeOf<Job>().toEqualTypeOf<SharedJob>();
<<<<<<< HEAD
=======
  expectTypeOf<ClientFailureCode>().toEqualTypeOf<FailureCode>();
>>>>>>> 05e2fae (Make the failure table the only source: paid and refund in it, the SQL written from it, lists held by type)
  for (const status of jobStatuses) expect(isTerminal({ status })).toBe(isTerminalStatus(status));
});
