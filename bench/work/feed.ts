import { openQueue } from '@darkroom/core/queue/open';
import { createLog } from '@darkroom/core/runtime/log/log';
import type { Deployment } from '../deployment/deployment.ts';

export interface Feed {
  /** Enqueues existing jobs and marks them as delivered, as the API does. */
  deliver(jobIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export function openFeed({ pool, variables }: Pick<Deployment, 'pool' | 'variables'>): Feed {
  const log = createLog({ level: 'silent', pretty: false, name: 'bench' });
  const queue = openQueue({ url: variables.QUEUE_URL!, log });
  return {
    async deliver(jobIds) {
      const { rows } = await pool.query(
        'select job_id, priority from job_runs where job_id = any ($1::uuid[]) order by priority, run_at',
        [jobIds],
      );
      const deliveries = rows.map((run) => ({
        jobId: run.job_id as string,
        delivery: 1,
        priority: run.priority as number,
        delayMs: 0,
      }));
      await queue.enqueue(deliveries, { timeoutMs: 10_000 });
      const noted = deliveries.map(({ jobId, delivery }) => ({ job_id: jobId, delivery }));
      await pool.query('select mark_delivered($1)', [JSON.stringify(noted)]);
    },
    close: () => queue.close(),
  };
}
