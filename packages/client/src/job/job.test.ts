import type { FailureCode } from '@darkroom/core/job/failure';
import type { Job as SharedJob } from '@darkroom/core/job/job';
import { isTerminal as isTerminalStatus, jobStatuses } from '@darkroom/core/job/job';
import { expect, expectTypeOf, it } from 'vitest';
import type { ErrorCode } from '../http/error.ts';
import { isTerminal, type Job } from './job.ts';

it('the job of this package is the job of every channel', () => {
  expectTypeOf<Job>().toEqualTypeOf<SharedJob>();
  expectTypeOf<FailureCode>().toExtend<ErrorCode>();
  for (const status of jobStatuses) expect(isTerminal({ status })).toBe(isTerminalStatus(status));
});
