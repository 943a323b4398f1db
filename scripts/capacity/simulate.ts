export interface Line {
  /** Jobs that run at once, on all workers together. */
  slots: number;
  /** Arrivals a minute, at random moments. */
  jobsPerMinute: number;
  /** How long a job runs, in seconds; drawn by chance around this, as the calls of models do. */
  jobSeconds: number;
  jobs: number;
  random: () => number;
}

/** What jobs wait for a worker in a line that is served in order, in seconds. */
export function simulateWaits({ slots, jobsPerMinute, jobSeconds, jobs, random }: Line): {
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
    const begins = Math.max(now, freeAt[next]!);
    waits[job] = begins - now;
    freeAt[next] = begins + jobSeconds * (0.5 + random());
  }
  waits.sort();
  const at = (share: number) => waits[Math.floor(share * (jobs - 1))]!;
  return { median: at(0.5), p95: at(0.95), worst: at(1) };
}

/** How many workers keep `jobsPerMinute` at `busy` (0 to 1) of what they can do. */
export function workersFor(load: {
  jobsPerMinute: number;
  jobSeconds: number;
  concurrency: number;
  busy: number;
}): number {
  return Math.ceil((load.jobsPerMinute / 60) * (load.jobSeconds / load.concurrency / load.busy));
}
