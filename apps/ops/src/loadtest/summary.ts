import type { JobTimes } from '@darkroom/db/operators/jobs';
import type { Submission } from './submit.ts';

/** Percentiles in milliseconds. */
export interface Spread {
  p50: number;
  p95: number;
  max: number;
}

export interface LoadSummary {
  asked: number;
  accepted: number;
  /** Requests that were not accepted, by code. */
  refused: Record<string, number>;
  accepted_per_second: number;
  completed: number;
  /** Jobs that ended without an image, by code. */
  failed: Record<string, number>;
  unfinished: number;
  completed_per_second: number;
  /** From request to response. */
  answer_ms: Spread | null;
  /** From acceptance to the first claim, by the database's clock. */
  wait_ms: Spread | null;
  /** From acceptance to completion. */
  total_ms: Spread | null;
}

/** The results of a load test. `submittingMs`: how long it took to submit the jobs. */
export function summarize(
  submissions: readonly Submission[],
  times: readonly JobTimes[],
  submittingMs: number,
): LoadSummary {
  const accepted = submissions.filter(({ jobId }) => jobId !== null);
  const completed = times.filter(({ status }) => status === 'completed');
  const ended = times.filter(({ completed_at }) => completed_at !== null);
  const first = Math.min(...times.map(({ created_at }) => Date.parse(created_at)));
  const last = Math.max(...completed.map(({ completed_at }) => Date.parse(completed_at ?? '')));
  return {
    asked: submissions.length,
    accepted: accepted.length,
    refused: countBy(submissions.filter(({ jobId }) => jobId === null).map(({ code }) => code)),
    accepted_per_second: perSecond(accepted.length, submittingMs),
    completed: completed.length,
    failed: countBy(
      ended
        .filter(({ status }) => status !== 'completed')
        .map(({ status, error_code }) => error_code ?? status),
    ),
    unfinished: accepted.length - ended.length,
    completed_per_second: completed.length === 0 ? 0 : perSecond(completed.length, last - first),
    answer_ms: spread(accepted.map(({ ms }) => ms)),
    wait_ms: spread(
      times
        .filter(({ started_at }) => started_at !== null)
        .map(({ created_at, started_at }) => Date.parse(started_at ?? '') - Date.parse(created_at)),
    ),
    total_ms: spread(
      completed.map(
        ({ created_at, completed_at }) => Date.parse(completed_at ?? '') - Date.parse(created_at),
      ),
    ),
  };
}

/** The percentile by nearest rank; `share` from 0 to 1. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function spread(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = values.map((value) => Math.round(value)).sort((a, b) => a - b);
  return { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), max: sorted.at(-1) ?? 0 };
}

function perSecond(count: number, ms: number): number {
  return Math.round((count / Math.max(ms, 1)) * 10_000) / 10;
}

function countBy(codes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
