import type { Fetch } from '@darkroom/client';

/** A `fetch` that reports after every call whether the API could be reached. */
export function createWatchedFetch(api: string, onReachable: (reachable: boolean) => void): Fetch {
  return async (url, init) => {
    const isApi = url.startsWith(api);
    try {
      const response = await fetch(url, init);
      // A proxy sends these when the API is down.
      if (isApi) onReachable(response.status !== 502 && response.status !== 504);
      return response;
    } catch (error) {
      if (isApi && !init.signal.aborted) onReachable(false);
      throw error;
    }
  };
}
