import {
  createDarkroom,
  type Darkroom,
  DarkroomError,
  isTerminal,
  type JobInput,
  type JobView,
  type Model,
  type Prompt,
} from '@darkroom/client';
import type { Session } from '../session/session.ts';
import { createWatchedFetch } from './fetch.ts';
import { mergeJobs } from './merge.ts';
import { createOutbox } from './outbox.ts';
import { problemWords } from './problem-words.ts';

/** An image on its way to the API: it has no job yet. */
export interface Sending {
  key: string;
  input: JobInput;
  problem: string | null;
}

export interface StudioState {
  phase: 'loading' | 'ready' | 'failed';
  /** Why nothing could be loaded; only when failed. */
  problem: string | null;
  credits: number | null;
  email: string | null;
  subscription: string | null;
  jobs: JobView[];
  nextCursor: string | null;
  sending: Sending[];
  /** Null where the API has no such call. */
  models: Model[] | null;
  prompts: Prompt[] | null;
  /** Whether the API answered when it was asked last. */
  reachable: boolean;
  /** Grows whenever images or credits may have changed: what shows them reads again. */
  changes: number;
  /** For those who hear the page: the last thing that happened. */
  said: string;
}

const pageSize = 24;

export type Studio = ReturnType<typeof createStudio>;

/** All that one signed-in user sees, kept up to date: every unfinished job is followed until it ends. */
export function createStudio({ api, session }: { api: string; session: Session }) {
  const darkroom: Darkroom = createDarkroom({
    url: api,
    getToken: session.getToken,
    fetch: createWatchedFetch(api, reach),
  });
  const outbox = createOutbox(session.id);
  const others = new BroadcastChannel(`darkroom.${session.id}`);
  const followed = new Map<string, AbortController>();
  const sends = new Map<string, AbortController>();
  const listeners = new Set<() => void>();
  let reconnect: ReturnType<typeof setTimeout> | undefined;
  let isOpen = false;
  let state: StudioState = {
    phase: 'loading',
    problem: null,
    credits: null,
    email: null,
    subscription: null,
    jobs: [],
    nextCursor: null,
    sending: [],
    models: null,
    prompts: null,
    reachable: true,
    changes: 0,
    said: '',
  };

  function set(part: Partial<StudioState>): void {
    state = { ...state, ...part };
    for (const listener of listeners) listener();
  }

  /** While the API is away it is asked again every few seconds, also when nothing else would. */
  function reach(reachable: boolean): void {
    if (reachable === state.reachable) return;
    set({ reachable });
    clearTimeout(reconnect);
    if (reachable) void refresh();
    else ask();
  }

  function ask(): void {
    reconnect = setTimeout(async () => {
      await readAccount().catch(() => {});
      if (isOpen && !state.reachable) ask();
    }, 2_000);
  }

  async function readAccount(): Promise<void> {
    const { credits, email, subscription } = await darkroom.me();
    set({ credits, email, subscription: subscription?.status ?? null });
  }

  async function readJobs(): Promise<void> {
    const { data, next_cursor } = await darkroom.jobs.list({ limit: pageSize });
    const isFirst = state.phase !== 'ready';
    take(data);
    if (isFirst) set({ nextCursor: next_cursor });
  }

  /** Reads account and newest jobs again. */
  async function refresh(): Promise<void> {
    try {
      await Promise.all([readAccount(), readJobs()]);
      set({ phase: 'ready', problem: null, changes: state.changes + 1 });
    } catch (error) {
      if (state.phase !== 'ready') set({ phase: 'failed', problem: problemWords(error) });
    }
  }

  function take(news: readonly JobView[]): void {
    const before = new Map(state.jobs.map((job) => [job.id, job]));
    const jobs = mergeJobs(state.jobs, news);
    set({ jobs });
    for (const job of jobs) {
      if (!isTerminal(job)) follow(job);
      else if (before.has(job.id) && !isTerminal(before.get(job.id)!)) settled(job);
    }
  }

  function settled(job: JobView): void {
    followed.get(job.id)?.abort();
    set({ changes: state.changes + 1, said: endWords(job) });
    void readAccount().catch(() => {});
  }

  function follow(job: JobView): void {
    // Rows without a receipt are a native app's own: nobody here works on them.
    if (!isOpen || followed.has(job.id) || job.receipt === null) return;
    const controller = new AbortController();
    followed.set(job.id, controller);
    darkroom.jobs
      .follow(job.id, { signal: controller.signal, onUpdate: (update) => take([update]) })
      .catch(() => {})
      .finally(() => followed.delete(job.id));
  }

  async function send(input: JobInput, image: Blob | null): Promise<void> {
    const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    set({ sending: [{ key, input, problem: null }, ...state.sending] });
    try {
      const whole = image ? { ...input, ...(await upload(image)) } : input;
      outbox.add({ key, input: whole, at: Date.now() });
      await deliver(key, whole);
    } catch (error) {
      sendFailed(key, error);
    }
  }

  /** To the bucket where the API hands out leaves for that, else along with the request. */
  async function upload(image: Blob): Promise<Partial<JobInput>> {
    try {
      return { input_image_key: (await darkroom.uploads.put(image)).key };
    } catch (error) {
      if (!(error instanceof DarkroomError) || (error.status !== 404 && error.status !== 405)) throw error;
      return { reference_image_base64: await toDataUrl(image) };
    }
  }

  async function deliver(key: string, input: JobInput): Promise<void> {
    const controller = new AbortController();
    sends.set(key, controller);
    try {
      const { job, credits } = await darkroom.jobs.create(input, {
        idempotencyKey: key,
        signal: controller.signal,
      });
      accepted(job, credits.balance);
      drop(key);
    } finally {
      sends.delete(key);
    }
  }

  function accepted(job: JobView, balance: number): void {
    set({ credits: balance, changes: state.changes + 1, said: 'Accepted. Your image is in the line.' });
    take([job]);
    others.postMessage('changed');
  }

  function sendFailed(key: string, error: unknown): void {
    if (error instanceof DarkroomError && error.code === 'aborted') {
      drop(key);
      return;
    }
    outbox.remove(key);
    const problem = problemWords(error);
    set({
      sending: state.sending.map((one) => (one.key === key ? { ...one, problem } : one)),
      said: problem,
    });
  }

  function drop(key: string): void {
    sends.get(key)?.abort();
    outbox.remove(key);
    set({ sending: state.sending.filter((one) => one.key !== key) });
  }

  async function cancel(jobId: string): Promise<void> {
    try {
      take([await darkroom.jobs.cancel(jobId)]);
    } catch (error) {
      if (error instanceof DarkroomError && error.job) take([error.job]);
      else set({ said: problemWords(error) });
    }
    others.postMessage('changed');
  }

  /** A new job of the same input: by the API's own call, or by sending the input again where it has none. */
  async function retry(job: JobView): Promise<void> {
    try {
      const { job: next, credits } = await darkroom.jobs.retry(job.id);
      accepted(next, credits.balance);
    } catch (error) {
      if (error instanceof DarkroomError && error.status === 404) return send(inputOf(job), null);
      set({ said: problemWords(error) });
      throw error;
    }
  }

  async function loadMore(): Promise<void> {
    const { data, next_cursor } = await darkroom.jobs.list({ limit: pageSize, cursor: state.nextCursor });
    take(data);
    set({ nextCursor: next_cursor });
  }

  async function readPrompts(): Promise<void> {
    const prompts = await orNull(darkroom.prompts.list({ limit: 100 }));
    set({ prompts: prompts?.data ?? null });
  }

  async function readModels(): Promise<void> {
    set({ models: (await orNull(darkroom.models()))?.data ?? null });
  }

  function onShown(): void {
    if (document.visibilityState === 'visible') void refresh();
  }

  return {
    darkroom,
    refresh,
    send,
    drop,
    cancel,
    retry,
    loadMore,
    readPrompts,
    say: (said: string) => set({ said }),
    snapshot: () => state,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Begins to load and to follow. Idempotent, and can be begun again after `close`. */
    open() {
      if (isOpen) return;
      isOpen = true;
      others.onmessage = () => void refresh();
      document.addEventListener('visibilitychange', onShown);
      addEventListener('online', onShown);
      void refresh();
      void readModels();
      void readPrompts();
      for (const { key, input } of outbox.pending(Date.now())) {
        set({ sending: [{ key, input, problem: null }, ...state.sending.filter((one) => one.key !== key)] });
        deliver(key, input).catch((error) => sendFailed(key, error));
      }
    },
    close() {
      isOpen = false;
      others.onmessage = null;
      clearTimeout(reconnect);
      document.removeEventListener('visibilitychange', onShown);
      removeEventListener('online', onShown);
      for (const controller of followed.values()) controller.abort();
      followed.clear();
    },
  };
}

/** The answer; null where the API does not have this call. Any other trouble counts as not yet there. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  return answer.catch(() => null);
}

/** What the job was made from, to make another. */
export function inputOf(job: JobView): JobInput {
  return {
    ...(job.custom_prompt_id ? { custom_prompt_id: job.custom_prompt_id } : { prompt: job.prompt }),
    input_image_key: job.input_image_key,
    aspect_ratio: job.aspect_ratio,
    image_size: job.image_size,
    model: job.model_requested,
  };
}

function endWords(job: JobView): string {
  const refund = job.receipt?.refunded ? ` ${job.receipt.refunded} credits refunded.` : '';
  if (job.status === 'completed') return `Your image is ready.${refund}`;
  if (job.status === 'canceled') return `Canceled.${refund}`;
  return `${job.error_message ?? 'The image could not be made.'}${refund}`;
}

function toDataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
