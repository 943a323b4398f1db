/**
 * Calls `onGone` once when the process that started this one has ended: the system then hands this one to
 * another parent. For a process that its parent owns; never for one that a user's shell started, which may
 * outlive that shell. Does not keep the process alive. Returns how to stop looking.
 */
export function watchParent(onGone: () => void, { everyMs = 500 }: { everyMs?: number } = {}): () => void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
