import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A request of the harness itself, repeated when its connection fails: one that was kept open may be closed by the
 * server at the moment it is used again.
 */
export async function fetchPatiently(url: string, init: RequestInit = {}): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (tries === 5) throw new Error(`${init.method ?? 'GET'} ${url}: ${error}`, { cause: error });
      await sleep(100 * tries);
    }
  }
}
