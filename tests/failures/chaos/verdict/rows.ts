import type { JobStatus } from '@darkroom/core/job/job';
import type { Deployment } from '../deployment/start.ts';

/** A managed job as the database has it in the end. */
export interface JobRow {
  id: string;
  user_id: string;
  status: JobStatus;
  version: number;
  attempt: number;
  error_code: string | null;
  tag: string;
  output_image_url: string | null;
  thumbnail_url: string | null;
  images: number;
  sha256: string | null;
  model_calls: number;
  logged_calls: number;
  losses: number;
  counted_retries: number;
  /** Epoch milliseconds. */
  created_ms: number;
  completed_ms: number | null;
  /** From its creation to its end. */
  took_ms: number | null;
  /** From its deadline to its end; below 0 when it was in time. */
  late_ms: number | null;
}

/** Every managed job. */
export function readRows({ query }: Deployment): Promise<JobRow[]> {
  return query<JobRow>(`
    select j.id, j.user_id, j.status, j.version, j.attempt, j.error_code, j.metadata ->> 'tag' as tag,
      j.output_image_url, j.thumbnail_url,
      (select count(*)::int from generated_images i where i.job_id = j.id) as images,
      (select min(sha256) from generated_images i where i.job_id = j.id) as sha256,
      r.model_calls, jsonb_array_length(r.attempts_log) as logged_calls, r.losses, r.counted_retries,
      (extract(epoch from j.created_at) * 1000)::float8 as created_ms,
      (extract(epoch from j.completed_at) * 1000)::float8 as completed_ms,
      (extract(epoch from j.completed_at - j.created_at) * 1000)::int as took_ms,
      (extract(epoch from j.completed_at - j.deadline_at) * 1000)::int as late_ms
    from image_generation_jobs j left join job_runs r on r.job_id = j.id
    where j.managed order by j.created_at, j.id`);
}
