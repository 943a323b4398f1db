import type { Log } from '@darkroom/core/runtime/log/log';

export interface EndDeps {
  /** The process, or what stands in for it. */
  process: Pick<NodeJS.Process, 'on' | 'connected'> & { exit(code: number): void };
  /** Ends everything that was started. Never takes much longer than `graceMs`. */
  stop(options: { graceMs: number; settleMs: number }): Promise<void>;
  /** How long jobs may run on after a signal, in milliseconds. */
  graceMs: number;
  log: Log;
}

/** What is kept of the grace to hand back the jobs that did not finish. */
const settleMs = 5_000;
/** How long a process that found itself broken takes to hand its jobs back. */
const crashGraceMs = 3_000;
/** By how much the exit may exceed the grace, whatever hangs. */
const overtimeMs = 2_500;

/**
 * Ends the process in an orderly way: SIGTERM or SIGINT stops it and exits 0, and so does the end of the process that
 * started it over IPC; a second signal exits 1 at once. An error that nobody caught is told, the jobs are handed back,
 * and it exits 1: its state cannot be trusted any more.
 */
export function endWithProcess({ process, stop, graceMs, log }: EndDeps): void {
  let ending = false;

  const end = async (code: number, options: { graceMs: number; settleMs: number }) => {
    ending = true;
    setTimeout(() => process.exit(code), options.graceMs + overtimeMs);
    await stop(options).catch((error: unknown) => log.fact('unexpected_error', { error }));
    process.exit(code);
  };
  const onSignal = () => {
    if (ending) process.exit(1);
    else void end(0, { graceMs, settleMs: Math.min(settleMs, graceMs / 3) });
  };
  const onCrash = (error: unknown) => {
    log.fact('process_crashed', { error });
    if (!ending) void end(1, { graceMs: crashGraceMs, settleMs: crashGraceMs });
  };

  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  if (process.connected) process.on('disconnect', () => ending || onSignal());
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
}
