import type { JobView } from '@darkroom/client';

/**
 * Merges updates into the known jobs, newest first. Of two copies of a job the one with the higher version stays, so a
 * late update from a slow channel changes nothing.
 */
export function mergeJobs(known: readonly JobView[], updates: readonly JobView[]): JobView[] {
  const byId = new Map(known.map((job) => [job.id, job]));
  for (const job of updates) {
    const before = byId.get(job.id);
    if (!before || job.version >= before.version) byId.set(job.id, withPosition(job, before));
  }
  return [...byId.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
}

/** Some channels do not send the queue position: keep the last known one while the version is the same. */
function withPosition(job: JobView, before: JobView | undefined): JobView {
  if (job.status !== 'pending' || job.queue_position !== undefined || before?.version !== job.version)
    return job;
  return { ...job, queue_position: before.queue_position, eta_seconds: before.eta_seconds };
}
