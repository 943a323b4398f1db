import type { JobView } from '@darkroom/client';

/**
 * The jobs with the newer ones put in, newest first. Of two copies of a job the one with the higher version stays: what
 * comes late by a slow channel takes nothing back.
 */
export function mergeJobs(known: readonly JobView[], news: readonly JobView[]): JobView[] {
  const byId = new Map(known.map((job) => [job.id, job]));
  for (const job of news) {
    const held = byId.get(job.id);
    if (!held || job.version >= held.version) byId.set(job.id, withPlace(job, held));
  }
  return [...byId.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
}

/** Some channels do not tell the place in the line: the last one known holds for as long as the version does. */
function withPlace(job: JobView, held: JobView | undefined): JobView {
  if (job.status !== 'pending' || job.queue_position !== undefined || held?.version !== job.version)
    return job;
  return { ...job, queue_position: held.queue_position, eta_seconds: held.eta_seconds };
}
