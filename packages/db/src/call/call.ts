import pRetry from 'p-retry';
import { DatabaseUnavailable } from '../errors.ts';

/** Arguments of a function of the database, by name. Lists and objects are JSON; one left out has its default. */
export type Arguments = Readonly<Record<string, unknown>>;

export interface CallOptions {
  /** For one try. */
  timeoutMs?: number;
  /** Of a request whose answer was lost. */
  repeats?: number;
  /** Told before a try that is not the first: an earlier one may have got through. */
  onRepeat?: () => void;
}

/**
 * Calls a function of the database and returns what it returns, as JSON has it.
 * @throws DomainError where a rule refuses; DatabaseUnavailable when the repeats are used up; Error for a request
 * that is wrong in itself.
 */
export type Call = <Result>(name: string, args?: Arguments, options?: CallOptions) => Promise<Result>;

/** One way to the database. What it returns and throws is the same for all of them. */
export interface Transport {
  /** Calls once. @throws as `Call` does, and DatabaseUnavailable when there is no answer within `timeoutMs`. */
  send(name: string, args: Arguments, options: { timeoutMs: number }): Promise<unknown>;
  /** Lets go of what it holds, after what is under way. Idempotent. */
  close(): Promise<void>;
}

export interface Patience {
  /** For one try. */
  timeoutMs: number;
  /** Of a request whose answer was lost. */
  repeats: number;
}

/** The door to the database over `transport`. Every call is safe to repeat: what was lost is sent again. */
export function createCall(transport: Transport, usual: Patience): Call {
  return <Result>(name: string, args: Arguments = {}, options: CallOptions = {}) => {
    const timeoutMs = options.timeoutMs ?? usual.timeoutMs;
    return repeatLost(
      (attempt) => {
        if (attempt > 1) options.onRepeat?.();
        return transport.send(name, args, { timeoutMs }) as Promise<Result>;
      },
      { repeats: options.repeats ?? usual.repeats },
    );
  };
}

/** Tries again what failed with DatabaseUnavailable, within about three seconds for three repeats. */
export function repeatLost<Result>(
  attempt: (count: number) => Promise<Result>,
  { repeats }: { repeats: number },
): Promise<Result> {
  return pRetry(attempt, {
    retries: repeats,
    minTimeout: 100,
    factor: 3,
    randomize: true,
    shouldRetry: ({ error }) => error instanceof DatabaseUnavailable,
  });
}
