import { Agent, type Dispatcher } from 'undici';

/** The part of `fetch` that supabase-js uses to call a function. */
export interface FastFetch {
  fetch: typeof globalThis.fetch;
  /** Closes its connections after the requests under way. Idempotent. */
  close(): Promise<void>;
}

/**
 * A `fetch` that takes a quarter of the time of Node's: bodies are text without streams; no redirects, compression or
 * cache; `init.headers` must be a `Headers`. It rejects as `fetch` does: with the signal's reason, or when the response is
 * incomplete. Each request has a connection to itself, which is closed when the request is aborted.
 */
export function openFastFetch(): FastFetch {
  // Over HTTP/2 an abort ends only its stream: a dead connection would stay in use for many minutes.
  const agent = new Agent({ allowH2: false });
  let closed: Promise<void> | undefined;
  return {
    fetch: async (input, init) => (await send(agent, String(input), init)) as Response,
    close: () => (closed ??= agent.close()),
  };
}

/** What supabase-js reads of a response. */
interface Answer extends Pick<Response, 'ok' | 'status' | 'statusText' | 'text'> {
  headers: Pick<Headers, 'get'>;
}

function send(
  agent: Agent,
  url: string,
  { method = 'GET', headers = new Headers(), body, signal }: RequestInit = {},
) {
  const { origin, pathname, search } = new URL(url);
  return new Promise<Answer>((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    /** Without a controller the request still waits for its connection. */
    const abort = () => {
      controller?.abort(signal!.reason);
      reject(signal!.reason);
    };
    const settle = () => signal?.removeEventListener('abort', abort);
    if (signal?.aborted) return reject(signal.reason);
    signal?.addEventListener('abort', abort);

    let answered: Omit<Parameters<typeof answer>[0], 'chunks'>;
    const chunks: Buffer[] = [];
    agent.dispatch(
      {
        origin,
        path: pathname + search,
        method: method as Dispatcher.HttpMethod,
        headers: [...(headers as Headers), ['accept-encoding', 'identity']].flat(),
        body: body as string | undefined,
      },
      {
        onRequestStart(started) {
          controller = started;
          if (signal?.aborted) started.abort(signal.reason);
        },
        onResponseStart(_, status, headers, statusText = '') {
          answered = { status, statusText, headers };
        },
        onResponseData: (_, chunk) => void chunks.push(chunk),
        onResponseEnd() {
          settle();
          resolve(answer({ ...answered, chunks }));
        },
        onResponseError(_, error) {
          settle();
          reject(error);
        },
      },
    );
  });
}

function answer(parts: {
  status: number;
  statusText: string;
  headers: Record<string, string | string[] | undefined>;
  chunks: readonly Buffer[];
}): Answer {
  const { status, statusText, headers, chunks } = parts;
  return {
    status,
    statusText,
    ok: status >= 200 && status < 300,
    headers: { get: (name) => headers[name.toLowerCase()]?.toString() ?? null },
    text: async () => Buffer.concat(chunks).toString(),
  };
}
