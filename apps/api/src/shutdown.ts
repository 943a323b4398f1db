import type { Log } from '@darkroom/core/runtime/log/log';

/** The longest that stopping may take beside the drain delay, whatever hangs, in milliseconds. */
const limitMs = 15_000;
/** One Ctrl-C can arrive twice: from the terminal, and passed on by the process that started this one. In milliseconds. */
const sameGestureMs = 500;

interface StopOptions {
  stop: () => Promise<void>;
  /** What `stop` waits for on purpose, in milliseconds. */
  drainDelayMs: number;
  log: Log;
}

/**
 * Ends the process in order at SIGTERM, SIGINT, or when the process that supervises this one over IPC is gone: `stop`,
 * then exit 0. A second signal exits at once. What nobody caught is logged, and ends the process with 1.
 */
export function stopOnSignal({ stop, drainDelayMs, log }: StopOptions): void {
  const longestMs = limitMs + drainDelayMs;
  let stoppingSince: number | undefined;

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stoppingSince === undefined) end(signal);
      else if (performance.now() - stoppingSince > sameGestureMs) process.exit(1);
    });
  }
  if (process.connected) {
    process.once('disconnect', () => {
      if (stoppingSince === undefined) end('disconnect');
    });
  }
  process.on('uncaughtException', (error) => {
    log.fact('process_crashed', { error });
    if (stoppingSince !== undefined) process.exit(1);
    stoppingSince = performance.now();
    exitAfter({ stop, longestMs, log }, 1);
  });

  function end(cause: string): void {
    stoppingSince = performance.now();
    log.fact('api_stopping', { cause });
    exitAfter({ stop, longestMs, log }, 0);
  }
}

function exitAfter(
  { stop, longestMs, log }: { stop: () => Promise<void>; longestMs: number; log: Log },
  code: number,
): void {
  const finish = (error?: unknown) => {
    log.fact('api_stopped', error === undefined ? {} : { error });
    process.exit(code);
  };
  setTimeout(() => finish(new Error(`not stopped within ${longestMs} ms`)), longestMs);
  stop().then(() => finish(), finish);
}
