import type { Log } from '../log/log.ts';
import { withTimeout } from '../time/with-timeout.ts';

/** `disconnect`: the process that started this one over IPC is gone. */
export type StopCause = 'SIGTERM' | 'SIGINT' | 'disconnect' | 'uncaughtException' | 'unhandledRejection';

export interface StopOptions {
  /** The process, or what stands in for it. */
  process: Pick<NodeJS.Process, 'on' | 'connected'> & { exit(code: number): void };
  /** Stops everything that was started. Called once. */
  stop(cause: StopCause): Promise<void>;
  /** How long `stop` may take before the process exits anyway, in milliseconds. */
  maxStopMs: { signal: number; crash: number };
  log: Log;
}

/** One Ctrl-C can arrive twice: from the terminal, and passed on by the parent process. In milliseconds. */
const sameSignalMs = 500;

/** Whether the process stops because of an error that nothing caught. Its state cannot be trusted then. */
export function isCrash(cause: StopCause): boolean {
  return cause === 'uncaughtException' || cause === 'unhandledRejection';
}

/**
 * The lifecycle of a process after its start. A signal, or the loss of the parent, calls `stop` and exits 0. A second signal
 * exits 1 at once. An uncaught error is logged, calls `stop` as a signal would, and exits 1.
 */
export function stopOnSignal({ process, stop, maxStopMs, log }: StopOptions): void {
  let stoppingSince: number | undefined;
  let exitCode = 0;

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stoppingSince === undefined) void end(signal);
      else if (performance.now() - stoppingSince > sameSignalMs) process.exit(1);
    });
  }
  if (process.connected) process.on('disconnect', () => void end('disconnect'));
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fact('process_crashed', { error });
      exitCode = 1;
      void end(event);
    });
  }

  async function end(cause: StopCause): Promise<void> {
    if (stoppingSince !== undefined) return;
    stoppingSince = performance.now();
    try {
      await withTimeout(isCrash(cause) ? maxStopMs.crash : maxStopMs.signal, () => stop(cause));
    } catch (error) {
      log.fact('unexpected_error', { error });
    }
    process.exit(exitCode);
  }
}
