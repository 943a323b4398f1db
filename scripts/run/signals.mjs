export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const REPEATS_WITHIN_MS = 1_000;

/**
 * From now on the program's listeners hear a signal once, not again within a second. A terminal's Ctrl-C reaches
 * every process of the group, and both npm and run.mjs pass it on to their child as well.
 */
export function hearSignalsOnce() {
  const emit = process.emit;
  const heardAt = new Map();
  process.emit = function emitOnce(event, ...rest) {
    if (SIGNALS.includes(event)) {
      const sinceMs = performance.now() - (heardAt.get(event) ?? Number.NEGATIVE_INFINITY);
      if (sinceMs < REPEATS_WITHIN_MS) return true;
      heardAt.set(event, performance.now());
    }
    return emit.call(this, event, ...rest);
  };
}
