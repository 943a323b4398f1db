import { createLog } from '@darkroom/core/log/log';
import { openQueue } from '@darkroom/core/queue/open';
import type { Product } from '../world/product.ts';

export interface Feed {
  /** Puts jobs that exist into the product's queue, and notes it in their rows as the API does. */
  deliver(jobIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export function openFeed({ pool, variables }: Pick<Product, 'pool' | 'variables'>): Feed {
  const log = createLog({ level: 'silent', pretty: false, name: 'bench' });
  const queue = openQueue({ url: variables.QUEUE_URL!, log });
  return {
    async deliver(jobIds) {
      const deliveries = jobIds.map((jobId) => ({ jobId, delivery: 1, priority: 1, delayMs: 0 }));
      await queue.deliver(deliveries, { timeoutMs: 10_000 });
      const noted = deliveries.map(({ jobId, delivery }) => ({ job_id: jobId, delivery }));
      await pool.query('select mark_delivered($1)', [JSON.stringify(noted)]);
    },
    close: () => queue.close(),
  };
}
