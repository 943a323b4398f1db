import { type RetryLimits, retryUnanswered } from './retry-unanswered.ts';
import type { Arguments, Transport } from './transport.ts';

export interface CallOptions extends Partial<RetryLimits> {
  /** Called before each retry: an earlier attempt may have been carried out. */
  onRetry?: () => void;
}

/**
 * Calls an SQL function and returns its result as JSON.
 * @throws DomainError when a rule rejects the call; DatabaseUnavailable after the last retry; Error when the request
 * itself is wrong.
 */
export type Call = <Result>(name: string, args?: Arguments, options?: CallOptions) => Promise<Result>;

/**
 * For readings that are repeated within seconds anyway. The timeout stays the usual one: a direct connection that was
 * given more time is not used again.
 */
export const oneAttempt: CallOptions = { retries: 0 };

/** Calls over `transport`. Every SQL function is safe to repeat, so a call whose answer was lost is sent again. */
export function createCall(transport: Transport, defaults: RetryLimits): Call {
  return <Result>(name: string, args: Arguments = {}, options: CallOptions = {}) => {
    const timeoutMs = options.timeoutMs ?? defaults.timeoutMs;
    return retryUnanswered(
      (attempt) => {
        if (attempt > 1) options.onRetry?.();
        return transport.send(name, args, { timeoutMs }) as Promise<Result>;
      },
      { retries: options.retries ?? defaults.retries },
    );
  };
}
