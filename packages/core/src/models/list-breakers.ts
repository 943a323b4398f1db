import type { Coordination } from '../queue/coordination.ts';
import type { OpeningCode } from './breaker.ts';
import { countWorkers, readOpening } from './breaker-values.ts';

/** A breaker that workers have opened. */
export interface OpenBreaker {
  model: string;
  code: OpeningCode;
  /** `half_open`: the opening after an outage has expired, and one call at a time probes the model. */
  state: 'open' | 'half_open';
  /** Milliseconds until calls are sent again. */
  remainingMs: number;
}

/**
 * Lists the breakers that workers have opened and counts the workers. Without `account`, it covers all accounts.
 * @throws QueueUnavailable
 */
export async function listBreakers(
  coordination: Pick<Coordination, 'listValues'>,
  { account }: { account?: string } = {},
): Promise<{ breakers: OpenBreaker[]; workers: number }> {
  const values = await coordination.listValues();
  const breakers = values.flatMap((value): OpenBreaker[] => {
    const opening = readOpening(value);
    if (!opening || (account !== undefined && opening.account !== account)) return [];
    const { model, code, tailMs } = opening;
    const remainingMs = Math.max(0, value.remainingMs - tailMs);
    return [{ model, code, state: remainingMs > 0 ? 'open' : 'half_open', remainingMs }];
  });
  return { breakers, workers: countWorkers(values, account) };
}
