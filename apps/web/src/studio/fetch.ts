import type { Fetch } from '@darkroom/client';

/** `fetch` that tells after every call whether the API could be reached at all. */
export function createWatchedFetch(api: string, onReach: (reached: boolean) => void): Fetch {
  return async (url, init) => {
    const isApi = url.startsWith(api);
    try {
      const response = await fetch(url, init);
      // What a proxy says for an API that is gone is as good as silence.
      if (isApi) onReach(response.status !== 502 && response.status !== 504);
      return response;
    } catch (error) {
      if (isApi && !init.signal.aborted) onReach(false);
      throw error;
    }
  };
}
