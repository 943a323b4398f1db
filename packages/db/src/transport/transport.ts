/** Arguments of an SQL function, by name. Lists and objects are JSON; one left out has its default. */
export type Arguments = Readonly<Record<string, unknown>>;

/** A way to call SQL functions. All transports return and throw the same. */
export interface Transport {
  /**
   * Calls once. @throws DomainError when a rule rejects the call; DatabaseUnavailable when there is no answer within
   * `timeoutMs`; Error when the request itself is wrong.
   */
  send(name: string, args: Arguments, options: { timeoutMs: number }): Promise<unknown>;
  /** Closes its connections after the calls under way. Idempotent. */
  close(): Promise<void>;
}
