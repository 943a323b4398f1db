import type { ProblemCode } from '../problem/problem.ts';
import { accountOperations } from './operations/account.ts';
import { healthOperations } from './operations/health.ts';
import { imageOperations } from './operations/images.ts';
import { jobOperations } from './operations/jobs.ts';
import type { Operation } from './operations/operation.ts';
import { promptOperations } from './operations/prompts.ts';
import { webhookOperations } from './operations/webhooks.ts';

/** Every operation of the API, in the order of the document. */
export const operations: readonly Operation[] = [
  ...jobOperations,
  ...accountOperations,
  ...imageOperations,
  ...promptOperations,
  ...webhookOperations,
  ...healthOperations,
];

/** Every problem that an operation can respond with. */
export function problemsOf({ path, problems = [] }: Operation): ProblemCode[] {
  const common: ProblemCode[] = path.startsWith('/v1/')
    ? ['unauthenticated', 'rate_limited', 'internal_error', 'service_unavailable']
    : ['internal_error'];
  return [...new Set([...problems, ...common])];
}
