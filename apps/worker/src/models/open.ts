import { randomUUID } from 'node:crypto';
import type { DecodeLimiter } from '@darkroom/core/image/decode-limiter';
import { accountIdOf } from '@darkroom/core/models/account-id';
import { type Breakers, createBreakers } from '@darkroom/core/models/breaker';
import { createGemini } from '@darkroom/core/models/gemini';
import type { ImageModel } from '@darkroom/core/models/model';
import { withQuota } from '@darkroom/core/models/quota';
import { createSharedBreakers } from '@darkroom/core/models/shared-breakers';
import { openCoordination } from '@darkroom/core/queue/open-coordination';
import type { WorkerConfig } from '@darkroom/core/runtime/config/config';
import type { Log } from '@darkroom/core/runtime/log/log';

/** How much longer than the call itself a breaker's probe may take. */
const probeMarginMs = 5_000;

export interface Models {
  model: ImageModel;
  /** Shared with all workers that use the same key; also keeps calls within the key's quota. */
  breakers: Breakers;
  start(): void;
  close(): Promise<void>;
}

/** Opens the image models and the breakers and quota that all workers share. */
export function openModels(
  { gemini, jobs, queueUrl }: WorkerConfig,
  deps: { read: DecodeLimiter['read']; log: Log; now: () => number },
): Models {
  const { read, log, now } = deps;
  const { apiKey, baseUrl, apiVersion, rpm } = gemini;
  const coordination = openCoordination({ url: queueUrl, log });
  const account = accountIdOf(apiKey);
  const breakers = createSharedBreakers({
    createLocal: (onChange) => createBreakers({ now, onChange }),
    coordination,
    account,
    owner: randomUUID(),
    maxProbeMs: jobs.modelTimeoutMs + probeMarginMs,
    log,
    now,
  });
  return {
    model: createGemini({ apiKey, baseUrl, apiVersion, read }),
    breakers: withQuota(breakers, {
      rates: rpm,
      coordination,
      account,
      workers: () => breakers.workers,
      now,
    }),
    start: () => breakers.start(),
    async close() {
      await breakers.close();
      await coordination.close();
    },
  };
}
