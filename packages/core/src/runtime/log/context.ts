import { AsyncLocalStorage } from 'node:async_hooks';
import { describing, type FactFields, type Log } from './log.ts';

/** A log that knows on whose behalf something is told. */
export interface LogContext {
  log: Log;
  /**
   * Adds these fields to everything that `work` brings about, however deep and late: a request's or a job's id stands
   * on every line that has one, also where the code that tells it does not know it. Fields of the fact itself win.
   */
  within<T>(fields: FactFields, work: () => T): T;
}

export function createLogContext(log: Log): LogContext {
  const current = new AsyncLocalStorage<FactFields>();
  return {
    log: describing((name, fields) => log.fact(name, { ...current.getStore(), ...fields })),
    within: (fields, work) => current.run({ ...current.getStore(), ...fields }, work),
  };
}

/** For where nobody reads along. */
export const noContext: LogContext['within'] = (_fields, work) => work();
