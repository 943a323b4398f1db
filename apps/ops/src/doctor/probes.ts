import { inspectQueueServer, type QueueServer } from '@darkroom/core/queue/inspect';
import { type InspectedEnvironment, inspectEnvironment } from '@darkroom/core/runtime/config/inspect';
import { inspectStorage, type StorageInspection } from '@darkroom/core/storage/inspect';
import { type DataApiProbe, probeDataApi } from '@darkroom/db/operators/probe-data-api';

/** An answer with its time by this machine's clock: halfway between request and response. */
export interface Timed<T> {
  answer: T;
  /** Epoch milliseconds. */
  at: number;
  /** The possible error of `at`, in milliseconds. */
  within: number;
}

/** What several checks need; each service is asked once. Null where its variables are not set. */
export interface Probes {
  environment: InspectedEnvironment;
  database(): Promise<Timed<DataApiProbe> | null>;
  queue(): Promise<Timed<QueueServer> | null>;
  storage(): Promise<Timed<StorageInspection> | null>;
  fetch: typeof globalThis.fetch;
  /** Epoch milliseconds. */
  now: () => number;
  /** For one request to one service, in milliseconds. */
  timeoutMs: number;
}

export function openProbes(deps: {
  env: Record<string, string | undefined>;
  fetch: typeof globalThis.fetch;
  now: () => number;
  timeoutMs: number;
}): Probes {
  const { fetch, now, timeoutMs } = deps;
  const environment = inspectEnvironment(deps.env);
  const { values } = environment;

  return {
    environment,
    fetch,
    now,
    timeoutMs,
    database: once(async () => {
      const { SUPABASE_URL: supabaseUrl, SUPABASE_SECRET_KEY: key } = values;
      return supabaseUrl && key ? timed(() => probeDataApi({ supabaseUrl, key, timeoutMs }), now) : null;
    }),
    queue: once(async () => {
      const { QUEUE_URL: url } = values;
      return url ? timed(() => inspectQueueServer({ url, timeoutMs }), now) : null;
    }),
    storage: once(async () => {
      const { R2_ENDPOINT, R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY, R2_BUCKET_NAME, R2_PUBLIC_URL } = values;
      if (!R2_ENDPOINT || !R2_ACCESS_KEY_ID || !R2_SECRET_ACCESS_KEY || !R2_BUCKET_NAME || !R2_PUBLIC_URL) {
        return null;
      }
      const connection = {
        endpoint: R2_ENDPOINT,
        accessKeyId: R2_ACCESS_KEY_ID,
        secretAccessKey: R2_SECRET_ACCESS_KEY,
        bucket: R2_BUCKET_NAME,
        publicUrl: R2_PUBLIC_URL,
      };
      const origins = values.CORS_ORIGINS ?? [];
      return timed(() => inspectStorage(connection, { origins, timeoutMs, fetch }), now);
    }),
  };
}

async function timed<T>(ask: () => Promise<T>, now: () => number): Promise<Timed<T>> {
  const startedAt = now();
  const answer = await ask();
  const endedAt = now();
  return { answer, at: (startedAt + endedAt) / 2, within: (endedAt - startedAt) / 2 };
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}
