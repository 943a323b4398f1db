/** The part of `fetch` that is used. The global one and that of `expo/fetch` fit. */
export type Fetch = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    body?: UploadBody;
    signal: AbortSignal;
  },
) => Promise<FetchedResponse>;

export type UploadBody = string | Blob | ArrayBuffer | Uint8Array<ArrayBuffer>;

export interface FetchedResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
  /** Missing in React Native's own fetch. */
  readonly body?: ReadableStream<Uint8Array> | null;
}

/** Looks up the global `fetch` at every call, so that it can be replaced, and calls it on its object. */
export const globalFetch: Fetch = (url, init) => globalThis.fetch(url, init);

/** Whether a response can be read while it arrives. React Native's own fetch returns it when it is complete. */
export function readsStreams(fetch: Fetch): boolean {
  if (typeof TextDecoder === 'undefined') return false;
  return fetch !== globalFetch || 'body' in Response.prototype;
}
