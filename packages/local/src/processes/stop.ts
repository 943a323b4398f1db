import type { Exit, ManagedProcess } from './spawn.ts';

/**
 * Asks a process to end, and kills it with SIGKILL when it has not after `graceMs` (default 5,000).
 * One that was frozen is woken to hear it. Resolves with how it ended; safe to call again, and on one that is gone.
 */
export async function stopProcess(
  managed: ManagedProcess,
  { graceMs = 5_000, signal = 'SIGTERM' }: { graceMs?: number; signal?: NodeJS.Signals } = {},
): Promise<Exit> {
  managed.child.kill(signal);
  managed.child.kill('SIGCONT');
  const timer = setTimeout(() => managed.child.kill('SIGKILL'), graceMs);
  try {
    return await managed.exited;
  } finally {
    clearTimeout(timer);
  }
}
