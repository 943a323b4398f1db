export interface SimulatedQueue {
  /** The concurrency of all workers together. */
  slots: number;
  /** Arrivals per minute, at random times. */
  jobsPerMinute: number;
  /** The mean time of a job in seconds; the times vary by half of it, as those of model calls do. */
  jobSeconds: number;
  jobs: number;
  random: () => number;
}

/** How long jobs wait in a first-in first-out queue, in seconds. */
export function simulateWaits({ slots, jobsPerMinute, jobSeconds, jobs, random }: SimulatedQueue): {
  median: number;
  p95: number;
  worst: number;
} {
  const freeAt = new Float64Array(slots);
  const waits = new Float64Array(jobs);
  let now = 0;
  for (let job = 0; job < jobs; job += 1) {
    now += (-Math.log(1 - random()) * 60) / jobsPerMinute;
    let next = 0;
    for (let slot = 1; slot < slots; slot += 1) if (freeAt[slot]! < freeAt[next]!) next = slot;
    const start = Math.max(now, freeAt[next]!);
    waits[job] = start - now;
    freeAt[next] = start + jobSeconds * (0.5 + random());
  }
  waits.sort();
  const at = (share: number) => waits[Math.floor(share * (jobs - 1))]!;
  return { median: at(0.5), p95: at(0.95), worst: at(1) };
}

/** The number of workers that run `jobsPerMinute` at the utilization `busy` (0 to 1). */
export function workersFor(load: {
  jobsPerMinute: number;
  jobSeconds: number;
  concurrency: number;
  busy: number;
}): number {
  return Math.ceil((load.jobsPerMinute / 60) * (load.jobSeconds / load.concurrency / load.busy));
}
