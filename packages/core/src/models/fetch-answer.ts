import type { DecodeLimiter } from '../image/decode-limiter.ts';
import { readLifted } from './read-lifted.ts';

/**
 * `fetch` for calls whose answers hold images: their base64 is decoded while it comes in ({@link readLifted}), and an
 * answer may take as long as the signal of its call lets it. `read` decides when an answer that has come is read; until
 * then it stays where it is, in the buffers of the network.
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
    // No promise of the sender: what does not come is not kept.
    const expectedBytes = Math.min(announced, largestExpectedBytes);
    return Object.defineProperty(response, 'json', {
      value: () => read(() => readLifted(body, { expectedBytes })),
    });
  };
}

const largestExpectedBytes = 8_000_000;

/** Node's own dispatcher, which by itself would give up after five minutes of silence. */
const patient = {
  dispatch: (options: object, handler: unknown): boolean =>
    ownDispatcher().dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler),
};

function ownDispatcher(): { dispatch(options: object, handler: unknown): boolean } {
  // It is there from the first use of anything that belongs to fetch.
  new Headers();
  return (globalThis as never)[Symbol.for('undici.globalDispatcher.1')];
}
