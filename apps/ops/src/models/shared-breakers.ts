import { accountIdOf } from '@darkroom/core/models/account-id';
import { listBreakers } from '@darkroom/core/models/list-breakers';
import { openCoordination } from '@darkroom/core/queue/open-coordination';
import { QueueUnavailable } from '@darkroom/core/queue/queue';
import type { Log } from '@darkroom/core/runtime/log/log';
import pRetry from 'p-retry';

/** Whether workers currently call a model. */
export interface BreakerState {
  state: 'closed' | 'open' | 'half_open';
  /** When an open breaker lets a probe through, ISO 8601. */
  until: string | null;
}

/**
 * The breakers that workers with this API key share, by model; without a key, those of all workers.
 * Null while the queue's server is unavailable.
 */
export async function readBreakers(query: {
  models: readonly string[];
  queueUrl: string;
  apiKey: string | undefined;
  log: Log;
  /** In epoch milliseconds. */
  now: () => number;
}): Promise<Readonly<Record<string, BreakerState>> | null> {
  const coordination = openCoordination({ url: query.queueUrl, log: query.log });
  const account = query.apiKey === undefined ? undefined : accountIdOf(query.apiKey);
  try {
    const { breakers } = await pRetry(() => listBreakers(coordination, { account }), {
      retries: 4,
      minTimeout: 200,
      shouldRetry: ({ error }) => error instanceof QueueUnavailable,
    });
    return Object.fromEntries(
      query.models.map((model): [string, BreakerState] => {
        const open = breakers.filter((breaker) => breaker.model === model);
        const [latest] = open.sort((one, other) => other.remainingMs - one.remainingMs);
        if (!latest) return [model, { state: 'closed', until: null }];
        const until = new Date(query.now() + latest.remainingMs).toISOString();
        return [model, { state: latest.state, until: latest.state === 'open' ? until : null }];
      }),
    );
  } catch (error) {
    if (error instanceof QueueUnavailable) return null;
    throw error;
  } finally {
    await coordination.close();
  }
}
