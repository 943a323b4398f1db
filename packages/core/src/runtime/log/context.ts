import { AsyncLocalStorage } from 'node:async_hooks';
import { createFactLog, type FactFields, type Log } from './log.ts';

/** A log that adds the fields of the current request or job. */
export interface LogContext {
  log: Log;
  /**
   * Runs `work` and adds these fields to every fact that it logs, in any function it calls and after any await. Fields of the
   * fact itself override them.
   */
  within<T>(fields: FactFields, work: () => T): T;
}

export function createLogContext(log: Log): LogContext {
  const current = new AsyncLocalStorage<FactFields>();
  return {
    log: createFactLog((name, fields) => log.fact(name, { ...current.getStore(), ...fields })),
    within: (fields, work) => current.run({ ...current.getStore(), ...fields }, work),
  };
}

/** Runs the work without adding fields. For tests and tools. */
export const noContext: LogContext['within'] = (_fields, work) => work();
