import type { Exit, ManagedProcess } from './spawn.ts';

/**
 * Signals a process to end, and sends SIGKILL after `graceMs` (default 5,000). SIGCONT wakes a stopped process first.
 * Resolves when it has ended. Idempotent.
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
