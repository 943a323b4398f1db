import type { Job as SharedJob } from '@darkroom/core/job/job';
import { isTerminal as isTerminalStatus, jobStatuses } from '@darkroom/core/job/job';
import { expect, expectTypeOf, it } from 'vitest';
import { isTerminal, type Job } from './job.ts';

it('the job is the same as in every channel', () => {
  expectTypeOf<Job>().toEqualTypeOf<SharedJob>();
  for (const status of jobStatuses) expect(isTerminal({ status })).toBe(isTerminalStatus(status));
});
