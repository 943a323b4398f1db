import type { QueueSnapshot } from '@darkroom/db/queue-position/queue-position';

/** What orders waiting jobs: lower priority first, then earlier `run_at_us` (epoch microseconds). */
export interface QueueOrder {
  priority: number;
  run_at_us: number;
}

/** The job's position in the queue; 1 is next. Exact among the first hundred, within 10 % beyond. */
export function positionOf(job: QueueOrder, { marks }: Pick<QueueSnapshot, 'marks'>): number {
  let [before, at] = [0, marks.length];
  while (before < at) {
    const middle = (before + at) >> 1;
    const [, priority, runAtUs] = marks[middle]!;
    const isAhead = priority < job.priority || (priority === job.priority && runAtUs < job.run_at_us);
    if (isAhead) before = middle + 1;
    else at = middle;
  }
  const ahead = marks[before - 1]?.[0] ?? 0;
  const next = marks[before]?.[0] ?? ahead + 1;
  return ahead + Math.max(1, Math.ceil((next - ahead) / 2));
}

/**
 * Whole seconds, at least 1, until the job at this position has its image. Null if no worker is running or no run ended in
 * the last ten minutes: then there is no basis for an estimate. It is the wait for a free slot, at the rate of the queue
 * less the jobs that overtake, plus the median duration of a run.
 */
export function etaSeconds(job: QueueOrder & { position: number }, snapshot: QueueSnapshot): number | null {
  const { median_ms: medianMs, mean_ms: meanMs, workers } = snapshot;
  if (medianMs === null || meanMs === null || workers === 0) return null;
  const notBeforeMs = (job.run_at_us - snapshot.now_us) / 1_000;
  const leftMs = Math.max(0, notBeforeMs, startsInMs(job, meanMs, snapshot)) + medianMs;
  return Math.max(1, Math.round(leftMs / 1_000));
}

/** The queue is assumed to move at this share of its full rate at least, however many jobs overtake. */
const minRateShare = 0.1;

function startsInMs(job: QueueOrder & { position: number }, meanMs: number, snapshot: QueueSnapshot): number {
  const { running_ms: running, ended, span_ms: spanMs, overtaking } = snapshot;
  const runMs = Math.max(1, meanMs);
  // With a queue every slot is busy, so the running jobs show the number of slots. At the start of a queue the throughput does.
  const slots = Math.max(1, running.length, Math.floor((ended * runMs) / spanMs));
  const free = slots - running.length;
  if (job.position <= free) return 0;
  const overtakers = overtaking.reduce((sum, [priority, n]) => (priority < job.priority ? sum + n : sum), 0);
  const perMs = Math.max((slots / runMs) * minRateShare, slots / runMs - overtakers / spanMs);
  const nextFreeMs = free > 0 ? 0 : Math.min(...running.map((ms) => Math.max(0, runMs - ms)));
  return nextFreeMs + (job.position - free - 1) / perMs;
}
