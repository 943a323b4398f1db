import type { DecodeLimiter } from '../image/decode-limiter.ts';
import { readLifted } from './read-lifted.ts';

/**
 * `fetch` for calls that return images. Their base64 is decoded while it arrives ({@link readLifted}), and only the signal
 * of the call limits how long a response may take. `read` decides when a response body is read; until then it stays in
 * the network buffers.
 */
export function fetchAnswers(
  fetch: typeof globalThis.fetch,
  read: DecodeLimiter['read'],
): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, dispatcher: patient } as RequestInit);
    const { body } = response;
    if (!response.ok || body === null) return response;
    const announced = Number(response.headers.get('content-length')) || 0;
    // The header may be wrong, so it cannot reserve more memory than this.
    const expectedBytes = Math.min(announced, largestExpectedBytes);
    return Object.defineProperty(response, 'json', {
      value: () => read(() => readLifted(body, { expectedBytes })),
    });
  };
}

const largestExpectedBytes = 8_000_000;

/** Node's own dispatcher without its timeouts, which end a silent call after five minutes. */
const patient = {
  dispatch: (options: object, handler: unknown): boolean =>
    ownDispatcher().dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler),
};

function ownDispatcher(): { dispatch(options: object, handler: unknown): boolean } {
  // Node creates the dispatcher when a part of fetch is first used.
  new Headers();
  return (globalThis as never)[Symbol.for('undici.globalDispatcher.1')];
}
