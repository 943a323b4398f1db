import type { ModelCall, StoredImage } from '@darkroom/core/job/outcome';
import type { Database } from '@darkroom/db/database';
import type pg from 'pg';

/** The database writes of one job, in their order. */
export interface Writes {
  /** Renews the lease of the worker; must be called every few seconds. */
  beat(): Promise<void>;
  claim(jobId: string): Promise<{ attempt: number; userId: string; prompt: string }>;
  report(jobId: string, attempt: number, stage: 'generating' | 'storing', progress: number): Promise<void>;
  countCall(jobId: string, attempt: number, model: string): Promise<number>;
  complete(jobId: string, attempt: number, image: StoredImage, calls: ModelCall[]): Promise<void>;
}

/** Darkroom's SQL functions over a direct connection, with as few round trips as possible. */
export function writesByPg(pool: pg.Pool, workerId: string): Writes {
  const call = async (name: string, sql: string, values: unknown[]) =>
    (await pool.query({ name, text: `select ${sql} as answer`, values })).rows[0].answer;
  return {
    beat: () => call('beat', 'heartbeat($1, $2)', [workerId, '[]']),
    async claim(jobId) {
      const { kind, job, attempt } = await call('claim', 'claim_job($1, $2)', [jobId, workerId]);
      if (kind !== 'claimed') throw new Error(`${jobId} could not be claimed: ${kind}`);
      return { attempt, userId: job.user_id, prompt: job.prompt };
    },
    report: (...values) => call('report', 'report_progress($1, $2, $3, $4)', values),
    countCall: (jobId, attempt, model) =>
      call('count', 'begin_model_call($1, $2, $3, 8)', [jobId, attempt, model]),
    async complete(jobId, attempt, image, calls) {
      const values = [jobId, attempt, JSON.stringify(image), 1, JSON.stringify(calls)];
      if (!(await call('complete', 'complete_job($1, $2, $3, $4, $5)', values)))
        throw new Error(`${jobId} was lost`);
    },
  };
}

/** The same functions over Supabase's Data API, as Darkroom calls them. */
export function writesByDataApi(db: Database, workerId: string): Writes {
  return {
    beat: async () => void (await db.heartbeat({ workerId, jobs: [] })),
    async claim(jobId) {
      const answer = await db.claimJob({ jobId, workerId });
      if (answer.kind !== 'claimed') throw new Error(`${jobId} could not be claimed: ${answer.kind}`);
      const { job, attempt } = answer.claim;
      return { attempt, userId: job.user_id, prompt: job.prompt ?? '' };
    },
    report: async (jobId, attempt, stage, progress) =>
      void (await db.reportProgress([{ jobId, attempt, stage, progress }])),
    async countCall(jobId, attempt, model) {
      const counted = await db.beginModelCall({ jobId, attempt, model, maxCalls: 8 });
      if (typeof counted === 'string') throw new Error(`${jobId}: ${counted}`);
      return counted.call;
    },
    async complete(jobId, attempt, image, calls) {
      if (!(await db.completeJob({ jobId, attempt, image, servedPrice: 1, calls })))
        throw new Error(`${jobId} was lost`);
    },
  };
}
