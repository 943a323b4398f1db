import type { FailureCode } from '@darkroom/core/job/failure';
import { expectTypeOf, it } from 'vitest';
import type { JobErrorCode } from './error.ts';

it('the codes of failed jobs are those of the failure table', () => {
  expectTypeOf<JobErrorCode>().toEqualTypeOf<FailureCode>();
});
