/** The part of `fetch` that is used: the global one fits, and so does the one of `expo/fetch`. */
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

/** Looks the global one up at every call, so that it may be replaced, and is called as its own. */
export const globalFetch: Fetch = (url, init) => globalThis.fetch(url, init);

/** Whether answers can be read while they arrive. React Native's own fetch hands them over when they are complete. */
export function readsStreams(fetch: Fetch): boolean {
  if (typeof TextDecoder === 'undefined') return false;
  return fetch !== globalFetch || 'body' in Response.prototype;
}
