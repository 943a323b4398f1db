import { readAnswer } from './answer.ts';
import { DarkroomError, isTransient } from './error.ts';
import { type Fetch, type FetchedResponse, globalFetch, type UploadBody } from './fetch.ts';
import { pause, restMs } from './pause.ts';
import { aborted, within } from './within.ts';

/** A token for the API, or null when nobody is signed in. Clerk's own `getToken` fits. */
export type GetToken = (options?: { skipCache?: boolean }) => Promise<string | null> | string | null;

type Headers = Record<string, string | undefined>;

export interface Call {
  body?: unknown;
  /** What is undefined is not sent. */
  headers?: Headers;
  signal?: AbortSignal;
  /** Of one try; 30 s and the time a slow line needs for the body, unless said otherwise. */
  timeoutMs?: number;
  /** How often it is sent at most; 6 unless said otherwise. */
  tries?: number;
  /** Whether it may be sent again when it is not known what became of it; true unless said otherwise. */
  repeatable?: boolean;
  /** Hears the headers of the answer. */
  onHeaders?: (headers: FetchedResponse['headers']) => void;
  /** The signal does not cut a try, nor end the repeats while it is not known what became of one. */
  seeThrough?: boolean;
}

export interface Http {
  /**
   * One call of the API: sent again after network errors, 429 and 502 to 504. Undefined where the answer has no body:
   * 204, 304. @throws DarkroomError
   */
  send<T>(method: string, path: string, call?: Call): Promise<T>;
  /** Deletes what is at the path; that a repeat finds nothing is as good. @throws DarkroomError */
  remove(path: string): Promise<void>;
  /** One signed request whose answer is left to the caller. @throws DarkroomError */
  open(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<FetchedResponse>;
  /** A request to another host: no token goes with it. Sent again like the others. @throws DarkroomError */
  put(
    url: string,
    upload: { headers: Record<string, string>; body: UploadBody; signal?: AbortSignal },
  ): Promise<void>;
  fetch: Fetch;
}

const longestRetryAfterMs = 60_000;

/** Signs, sends, reads and repeats. A token that is refused is asked for anew, past every cache, once. */
export function createHttp(api: { url: string; getToken: GetToken; fetch?: Fetch }): Http {
  const base = api.url.replace(/\/+$/, '');
  const fetch = api.fetch ?? globalFetch;

  async function signed(
    method: string,
    path: string,
    headers: Headers | undefined,
    signal: AbortSignal,
    body?: string,
  ): Promise<FetchedResponse> {
    for (let again = false; ; again = true) {
      const token = await askForToken(again);
      const response = token
        ? await reach(base + path, {
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

  async function askForToken(skipCache: boolean): Promise<string | null> {
    try {
      return await api.getToken(skipCache ? { skipCache } : undefined);
    } catch (cause) {
      throw new DarkroomError({ code: 'token_unavailable', message: 'getToken failed.', cause });
    }
  }

  async function reach(url: string, init: Parameters<Fetch>[1]): Promise<FetchedResponse> {
    try {
      return await fetch(url, init);
    } catch (cause) {
      throw networkError(cause);
    }
  }

  function send<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    return repeat(call, body?.length ?? 0, async (signal) => {
      const response = await signed(method, path, call.headers, signal, body);
      call.onHeaders?.(response.headers);
      return (await readAnswer(response).catch(asNetworkError)) as T;
    });
  }

  return {
    fetch,
    send,
    open: (path, headers, signal) => signed('GET', path, headers, signal),

    remove: (path) => {
      let tries = 0;
      return repeat({}, 0, async (signal) => {
        tries += 1;
        const response = await signed('DELETE', path, undefined, signal);
        if (tries === 1 || response.status !== 404) await readAnswer(response).catch(asNetworkError);
      });
    },

    put: (url, { headers, body, signal: caller }) =>
      repeat({ signal: caller }, sizeOf(body), async (signal) => {
        const { ok, status } = await reach(url, { method: 'PUT', headers, body, signal });
        if (ok) return;
        throw new DarkroomError({
          code: 'upload_failed',
          message: `The upload was answered with ${status}.`,
          status,
        });
      }),
  };
}

/** JSON knows no undefined. */
function defined(headers: Headers): Record<string, string> {
  return JSON.parse(JSON.stringify(headers));
}

/** Bytes of an upload; of a string, at least its characters. */
export function sizeOf(body: UploadBody): number {
  if (typeof body === 'string') return body.length;
  return 'size' in body ? body.size : body.byteLength;
}

async function repeat<T>(call: Call, size: number, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, tries = 6, repeatable = true, seeThrough = false } = call;
  // A line that carries 50 kB a second carries 50 bytes a millisecond.
  const timeoutMs = call.timeoutMs ?? 30_000 + size / 50;
  let inDoubt = false;
  for (let tried = 1; ; tried += 1) {
    try {
      return await within(timeoutMs, seeThrough ? undefined : signal, attempt);
    } catch (error) {
      if (!(error instanceof DarkroomError) || !isTransient(error) || tried >= tries) throw error;
      const turnedAway = error.status === 429;
      if (!turnedAway && !repeatable) throw error;
      if ((error.retryAfterMs ?? 0) > longestRetryAfterMs) throw error;
      inDoubt ||= !turnedAway;
      const cut = seeThrough && inDoubt ? undefined : signal;
      await pause(restMs(error, tried), cut);
      if (cut?.aborted) throw aborted(cut);
    }
  }
}

/** A body that breaks off is a broken connection. */
function asNetworkError(error: unknown): never {
  throw error instanceof DarkroomError ? error : networkError(error);
}

function networkError(cause: unknown): DarkroomError {
  return new DarkroomError({ code: 'network_error', message: 'The server could not be reached.', cause });
}
