import { setTimeout as pause } from 'node:timers/promises';
import type { BackendFactory, IQueueBackend } from 'bullmq';

const pauseMs = 1_000;

/**
 * Wraps a BullMQ backend so that a worker whose poll fails (the server is starting, read-only, or lost its tables) polls
 * again after a second. BullMQ itself would poll again at once, in a tight loop.
 */
export function withPollBackoff<Backend extends IQueueBackend, Connection>(
  factory: BackendFactory<Backend, Connection>,
  { signal, onError }: { signal: AbortSignal; onError?: (error: unknown) => void },
): BackendFactory<Backend, Connection> {
  return (...args) => {
    const backend = factory(...args);
    const moveToActive = backend.moveToActive.bind(backend);
    backend.moveToActive = async (...claim) => {
      try {
        return await moveToActive(...claim);
      } catch (error) {
        onError?.(error);
        await pause(pauseMs, undefined, { signal }).catch(() => undefined);
        throw error;
      }
    };
    return backend;
  };
}
