import { setTimeout as sleep } from 'node:timers/promises';

export interface Load {
  /** Ids of the jobs that were accepted. */
  jobs: string[];
  requests: number;
  /** Answers that no client should get, and connections that broke. */
  failures: string[];
  /** The longest that one request took, in milliseconds. */
  slowestMs: number;
  /** No further jobs; resolves when what runs has been answered. */
  stop(): Promise<void>;
}

/** Users who submit a job each `everyMs`, and look at their jobs in between. Nothing is tried a second time. */
export function startLoad(options: { url: string; tokens: string[]; everyMs: number }): Load {
  const { url, tokens, everyMs } = options;
  let stopping = false;
  const load: Load = { jobs: [], requests: 0, failures: [], slowestMs: 0, stop };

  const running = tokens.map(async (token, at) => {
    await sleep((everyMs * at) / tokens.length);
    while (!stopping) {
      const before = performance.now();
      const made = await call(token, 'POST', '/v1/jobs', { prompt: 'a lighthouse in a storm' });
      if (made?.job) {
        load.jobs.push(made.job.id);
        await call(token, 'GET', `/v1/jobs/${made.job.id}`);
        await call(token, 'GET', '/v1/me');
      }
      await sleep(Math.max(0, everyMs - (performance.now() - before)));
    }
  });

  async function call(token: string, method: string, path: string, body?: object): Promise<any> {
    load.requests += 1;
    const before = performance.now();
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(30_000),
      });
      const text = await response.text();
      if (!response.ok) load.failures.push(`${method} ${path}: ${response.status} ${text}`);
      return response.ok ? JSON.parse(text) : undefined;
    } catch (error) {
      load.failures.push(`${method} ${path}: ${error} ${(error as Error).cause ?? ''}`);
    } finally {
      load.slowestMs = Math.max(load.slowestMs, performance.now() - before);
    }
  }

  async function stop(): Promise<void> {
    stopping = true;
    await Promise.all(running);
  }
  return load;
}
