import type { ProblemCode } from '@darkroom/api/problem/problem';
import type { ProblemCode as ClientProblemCode } from '@darkroom/client/http/error';
import { expectTypeOf, it } from 'vitest';

/** For senders of webhooks and for operators, whom the client does not serve. */
type NotForClients = 'invalid_signature' | 'forbidden';

it('the client lists every problem that it can get from the API', () => {
  expectTypeOf<ClientProblemCode>().toEqualTypeOf<Exclude<ProblemCode, NotForClients>>();
});
