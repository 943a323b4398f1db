import { DarkroomError, isTransient } from './error.ts';
import { type Fetch, type FetchedResponse, globalFetch, type UploadBody } from './fetch.ts';
import { backoffMs, pause } from './pause.ts';
import { readResponse } from './response.ts';
import { aborted, withTimeLimit } from './time-limit.ts';

/** A token for the API, or null when nobody is signed in. Clerk's own `getToken` fits. */
export type GetToken = (options?: { skipCache?: boolean }) => Promise<string | null> | string | null;

type Headers = Record<string, string | undefined>;

export interface Call {
  body?: unknown;
  /** Undefined ones are not sent. */
  headers?: Headers;
  signal?: AbortSignal;
  /** Of one try; by default 30 s and the time that a slow connection needs for the body. */
  timeoutMs?: number;
  /** 6 by default. */
  maxTries?: number;
  /** Whether to send it again when the result of a try is unknown; true by default. */
  retryable?: boolean;
  /** Called with the headers of the response. */
  onHeaders?: (headers: FetchedResponse['headers']) => void;
  /** After an abort, finish the current try, and retry while the result of a try is unknown. */
  finishOnAbort?: boolean;
}

export interface Http {
  /**
   * One call of the API: sent again after network errors, 429 and 502 to 504. Undefined for a response without a body:
   * 204, 304. @throws DarkroomError
   */
  send<T>(method: string, path: string, call?: Call): Promise<T>;
  /** Deletes what is at the path; a retry that finds nothing is a success. @throws DarkroomError */
  remove(path: string): Promise<void>;
  /** One request with a token, whose response the caller reads. @throws DarkroomError */
  open(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<FetchedResponse>;
  /** A request to another host, without the token. Sent again like the others. @throws DarkroomError */
  put(
    url: string,
    upload: { headers: Record<string, string>; body: UploadBody; signal?: AbortSignal },
  ): Promise<void>;
  fetch: Fetch;
}

const maxRetryAfterMs = 60_000;

/** Sends requests with a token, reads the responses and retries. After a 401 it gets a new token once, past every cache. */
export function createHttp(api: { url: string; getToken: GetToken; fetch?: Fetch }): Http {
  const base = api.url.replace(/\/+$/, '');
  const fetch = api.fetch ?? globalFetch;

  async function sendWithToken(
    method: string,
    path: string,
    headers: Headers | undefined,
    signal: AbortSignal,
    body?: string,
  ): Promise<FetchedResponse> {
    for (let again = false; ; again = true) {
      const token = await readToken(again);
      const response = token
        ? await request(base + path, {
            method,
            headers: defined({
              authorization: `Bearer ${token}`,
              'content-type': body && 'application/json',
              ...headers,
            }),
            body,
            signal,
          })
        : null;
      if (response && (response.status !== 401 || again)) return response;
      if (again) throw new DarkroomError({ code: 'unauthenticated', message: 'Nobody is signed in.' });
    }
  }

  async function readToken(skipCache: boolean): Promise<string | null> {
    try {
      return await api.getToken(skipCache ? { skipCache } : undefined);
    } catch (cause) {
      throw new DarkroomError({ code: 'token_unavailable', message: 'getToken failed.', cause });
    }
  }

  async function request(url: string, init: Parameters<Fetch>[1]): Promise<FetchedResponse> {
    try {
      return await fetch(url, init);
    } catch (cause) {
      throw networkError(cause);
    }
  }

  function send<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    return retry(call, body?.length ?? 0, async (signal) => {
      const response = await sendWithToken(method, path, call.headers, signal, body);
      call.onHeaders?.(response.headers);
      return (await readResponse(response).catch(asNetworkError)) as T;
    });
  }

  return {
    fetch,
    send,
    open: (path, headers, signal) => sendWithToken('GET', path, headers, signal),

    remove: (path) => {
      let tries = 0;
      return retry({}, 0, async (signal) => {
        tries += 1;
        const response = await sendWithToken('DELETE', path, undefined, signal);
        if (tries === 1 || response.status !== 404) await readResponse(response).catch(asNetworkError);
      });
    },

    put: (url, { headers, body, signal: caller }) =>
      retry({ signal: caller }, sizeOf(body), async (signal) => {
        const { ok, status } = await request(url, { method: 'PUT', headers, body, signal });
        if (ok) return;
        throw new DarkroomError({
          code: 'upload_failed',
          message: `The bucket rejected the upload: ${status}.`,
          status,
        });
      }),
  };
}

/** Without undefined values, which JSON drops. */
function defined(headers: Headers): Record<string, string> {
  return JSON.parse(JSON.stringify(headers));
}

/** Bytes of an upload; for a string its characters, a lower bound. */
export function sizeOf(body: UploadBody): number {
  if (typeof body === 'string') return body.length;
  return 'size' in body ? body.size : body.byteLength;
}

async function retry<T>(call: Call, size: number, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, maxTries = 6, retryable = true, finishOnAbort = false } = call;
  // At 50 kB a second a slow connection sends 50 bytes a millisecond.
  const timeoutMs = call.timeoutMs ?? 30_000 + size / 50;
  let resultUnknown = false;
  for (let tries = 1; ; tries += 1) {
    try {
      return await withTimeLimit(timeoutMs, finishOnAbort ? undefined : signal, attempt);
    } catch (error) {
      if (!(error instanceof DarkroomError) || !isTransient(error) || tries >= maxTries) throw error;
      const notTaken = error.status === 429;
      if (!notTaken && !retryable) throw error;
      if ((error.retryAfterMs ?? 0) > maxRetryAfterMs) throw error;
      resultUnknown ||= !notTaken;
      const abort = finishOnAbort && resultUnknown ? undefined : signal;
      await pause(backoffMs(error, tries), abort);
      if (abort?.aborted) throw aborted(abort);
    }
  }
}

/** A body that breaks off means a broken connection. */
function asNetworkError(error: unknown): never {
  throw error instanceof DarkroomError ? error : networkError(error);
}

function networkError(cause: unknown): DarkroomError {
  return new DarkroomError({ code: 'network_error', message: 'The server could not be reached.', cause });
}
