import type { Fetch, FetchedResponse } from '../http/fetch.ts';
import type { JobView } from '../job/job.ts';

export interface Request {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body: unknown;
  signal: AbortSignal;
}

type Answer = (request: Request) => Response | Promise<Response>;

/** A stream that a test writes to. */
export interface FakeStream {
  /** Text, or bytes split anywhere. */
  write(chunk: string | Uint8Array): void;
  /** Breaks the connection. */
  cut(): void;
  /** Ends the stream as the server does. */
  end(): void;
  readonly isClosed: boolean;
}

export const url = 'https://api.test';

/** A job that has just been created. */
export function newJob(fields: Partial<JobView> = {}): JobView {
  return {
    id: '4e6f8f3e-0000-4000-8000-000000000001',
    user_id: 'user_ada',
    status: 'pending',
    progress: 0,
    stage: 'queued',
    version: 1,
    prompt: 'a fox',
    custom_prompt_id: null,
    input_image_key: null,
    output_image_url: null,
    thumbnail_url: null,
    width: null,
    height: null,
    mime_type: null,
    model_requested: 'one',
    model: null,
    aspect_ratio: null,
    image_size: null,
    attempt: 0,
    error_code: null,
    error_message: null,
    receipt: { charged: 3, refunded: 0, net: 3 },
    metadata: null,
    retry_of: null,
    created_at: '2026-01-01T00:00:00+00:00',
    started_at: null,
    updated_at: '2026-01-01T00:00:00+00:00',
    completed_at: null,
    deadline_at: null,
    ...fields,
  };
}

export const completed = {
  status: 'completed',
  stage: 'done',
  progress: 100,
  output_image_url: 'https://images.test/1.png',
  completed_at: '2026-01-01T00:00:10+00:00',
} as const satisfies Partial<JobView>;

export const failed = {
  status: 'failed',
  stage: 'done',
  error_code: 'content_blocked',
  error_message: 'The request was refused.',
  receipt: { charged: 3, refunded: 3, net: 0 },
} as const satisfies Partial<JobView>;

/**
 * The API of one job, in memory: it answers as the real one does unless a test changes that. `change` changes the job and
 * notifies long polls and streams; `changeSilently` does not notify them.
 */
export function createFakeApi() {
  const requests: Request[] = [];
  const oneOff: { matches: (request: Request) => boolean; answer: Answer }[] = [];
  const made = new Map<string, JobView>();
  const waiting = new Set<() => void>();
  const streams: FakeStream[] = [];
  let job = newJob();

  const api = {
    requests,
    streams,
    made,
    hasStreams: true,
    /** Streams never send their first byte. */
    mute: false,
    holds: true,
    isDown: false,
    get job() {
      return job;
    },
    change(fields: Partial<JobView>) {
      api.changeSilently(fields);
      for (const stream of streams) if (!stream.isClosed) stream.write(eventOf(job));
      for (const notify of waiting) notify();
    },
    changeSilently(fields: Partial<JobView>) {
      job = { ...job, version: job.version + 1, ...fields };
    },
    /** Sets the response to the next request of this kind. */
    once(kind: string, answer: Answer) {
      oneOff.push({ matches: (request) => kindOf(request) === kind, answer });
    },
    count: (kind: string) => requests.filter((request) => kindOf(request) === kind).length,
    sent: (kind: string) => requests.filter((request) => kindOf(request) === kind),

    fetch: (async (address, init) => {
      const request: Request = {
        method: init.method,
        path: address.replace(url, ''),
        headers: init.headers,
        body: typeof init.body === 'string' ? JSON.parse(init.body) : init.body,
        signal: init.signal,
      };
      requests.push(request);
      if (request.signal.aborted) throw broken();
      if (api.isDown) throw broken();
      const at = oneOff.findIndex(({ matches }) => matches(request));
      const answer = at < 0 ? answerTo(request) : oneOff.splice(at, 1)[0]!.answer(request);
      return (await Promise.race([answer, untilAborted(request.signal)])) as FetchedResponse;
    }) as Fetch,
  };

  function answerTo(request: Request): Response | Promise<Response> {
    switch (kindOf(request)) {
      case 'create': {
        const key = request.headers['idempotency-key']!;
        const isReplay = made.has(key);
        made.set(key, made.get(key) ?? job);
        return json(isReplay ? 200 : 202, { job, credits: { balance: 17, charged: 3 } });
      }
      case 'cancel':
        if (job.completed_at !== null || job.status === 'canceled') {
          return problem(409, 'job_already_finished');
        }
        api.change({
          status: 'canceled',
          error_code: 'canceled',
          receipt: { charged: 3, refunded: 3, net: 0 },
        });
        return json(200, job);
      case 'events':
        return api.hasStreams ? openStream(request) : problem(404, 'not_found');
      case 'wait':
        return api.holds && request.headers['if-none-match'] === tagOf(job) ? hold(request) : show();
      case 'read':
        return show();
      default:
        return problem(404, 'not_found');
    }
  }

  function show(): Response {
    return json(200, job, { etag: tagOf(job) });
  }

  async function hold(request: Request): Promise<Response> {
    const { version } = job;
    await new Promise<void>((resolve) => {
      const done = () => {
        if (request.signal.aborted || job.version > version) end();
      };
      const end = () => {
        waiting.delete(done);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(end, 20_000);
      waiting.add(done);
      request.signal.addEventListener('abort', end);
    });
    return job.version > version
      ? show()
      : new Response(null, { status: 304, headers: { etag: tagOf(job) } });
  }

  function openStream({ signal }: Request): Response | Promise<Response> {
    if (api.mute) return new Promise(() => {});
    const encoder = new TextEncoder();
    let isClosed = false;
    let controller!: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start(own) {
        controller = own;
      },
      cancel() {
        isClosed = true;
      },
    });
    const close = (how: () => void) => {
      if (!isClosed) how();
      isClosed = true;
    };
    const stream: FakeStream = {
      write(chunk) {
        if (!isClosed) controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
      },
      cut: () => close(() => controller.error(new TypeError('terminated'))),
      end: () => close(() => controller.close()),
      get isClosed() {
        return isClosed;
      },
    };
    signal.addEventListener('abort', () => close(() => controller.error(broken())));
    streams.push(stream);
    stream.write(`retry: 1000\n\n${eventOf(job)}`);
    return new Response(body, {
      headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    });
  }

  return api;
}

export type FakeApi = ReturnType<typeof createFakeApi>;

/** A job as one event of a stream. */
export function eventOf(job: JobView): string {
  return `event: job\nid: ${job.version}\ndata: ${JSON.stringify(job)}\n\n`;
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

export function problem(
  status: number,
  code: string,
  { headers, ...extras }: { headers?: Record<string, string>; [member: string]: unknown } = {},
): Response {
  return json(
    status,
    { type: `urn:${code}`, title: code, status, detail: `${code}.`, code, ...extras },
    headers,
  );
}

/** What fetch rejects with. */
export function broken(): TypeError {
  return new TypeError('fetch failed');
}

function tagOf(job: JobView): string {
  return `"${job.version}-tag"`;
}

function kindOf({ method, path }: Request): string {
  if (/\/cancel$/.test(path)) return 'cancel';
  if (/\/events$/.test(path)) return 'events';
  if (/\/retry$/.test(path)) return 'retry';
  if (/^\/v1\/jobs\/[^/?]+\?wait=\d+$/.test(path)) return 'wait';
  if (/^\/v1\/jobs\/[^/?]+$/.test(path)) return 'read';
  if (method === 'POST' && path === '/v1/jobs') return 'create';
  return `${method} ${path}`;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
  });
}
