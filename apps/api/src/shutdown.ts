import type { Log } from '@darkroom/core/log/log';

/** The longest that stopping may take, whatever hangs, in milliseconds. */
const limitMs = 15_000;
/** One Ctrl-C can arrive twice: from the terminal, and passed on by the process that started this one. In milliseconds. */
const sameGestureMs = 500;

/**
 * Ends the process in order at SIGTERM, SIGINT, or when the process that supervises this one over IPC is gone: `stop`,
 * then exit 0. A second signal exits at once. What nobody caught is logged, and ends the process with 1.
 */
export function stopOnSignal({ stop, log }: { stop: () => Promise<void>; log: Log }): void {
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
    exitAfter(stop, 1, log);
  });

  function end(cause: string): void {
    stoppingSince = performance.now();
    log.fact('api_stopping', { cause });
    exitAfter(stop, 0, log);
  }
}

function exitAfter(stop: () => Promise<void>, code: number, log: Log): void {
  const finish = (error?: unknown) => {
    log.fact('api_stopped', error === undefined ? {} : { error });
    process.exit(code);
  };
  setTimeout(() => finish(new Error(`not stopped within ${limitMs} ms`)), limitMs);
  stop().then(() => finish(), finish);
}
