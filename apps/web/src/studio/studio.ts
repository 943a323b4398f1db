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
import { creditWords } from '../jobs/words.ts';
import type { Session } from '../session/session.ts';
import { mergeJobs } from './merge.ts';
import { createPendingSubmissions } from './pending-submissions.ts';
import { problemWords } from './problem-words.ts';
import { createWatchedFetch } from './watched-fetch.ts';

/** A submission that the API has not accepted yet. */
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
  /** Null when the API has no such call. */
  models: Model[] | null;
  prompts: Prompt[] | null;
  /** Whether the API answered the last request. */
  reachable: boolean;
  /** Grows whenever images or credits may have changed, so that lists are read again. */
  changes: number;
  /** The last event, for screen readers. */
  announcement: string;
}

const pageSize = 24;

export type Studio = ReturnType<typeof createStudio>;

/** The state of the page for one signed-in user, kept up to date: every unfinished job is followed until it ends. */
export function createStudio({ api, session }: { api: string; session: Session }) {
  const darkroom: Darkroom = createDarkroom({
    url: api,
    getToken: session.getToken,
    fetch: createWatchedFetch(api, setReachable),
  });
  const submissions = createPendingSubmissions(session.id);
  const otherTabs = new BroadcastChannel(`darkroom.${session.id}`);
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
    announcement: '',
  };

  function set(part: Partial<StudioState>): void {
    state = { ...state, ...part };
    for (const listener of listeners) listener();
  }

  /** While the API is unreachable, it is checked every few seconds. */
  function setReachable(reachable: boolean): void {
    if (reachable === state.reachable) return;
    set({ reachable });
    clearTimeout(reconnect);
    if (reachable) void refresh();
    else checkLater();
  }

  function checkLater(): void {
    reconnect = setTimeout(async () => {
      await readAccount().catch(() => {});
      if (isOpen && !state.reachable) checkLater();
    }, 2_000);
  }

  async function readAccount(): Promise<void> {
    const { credits, email, subscription } = await darkroom.me();
    set({ credits, email, subscription: subscription?.status ?? null });
  }

  async function readJobs(): Promise<void> {
    const { data, next_cursor } = await darkroom.jobs.list({ limit: pageSize });
    const isFirst = state.phase !== 'ready';
    apply(data);
    if (isFirst) set({ nextCursor: next_cursor });
  }

  /** Reads the account and the newest jobs again. */
  async function refresh(): Promise<void> {
    try {
      await Promise.all([readAccount(), readJobs()]);
      set({ phase: 'ready', problem: null, changes: state.changes + 1 });
    } catch (error) {
      if (state.phase !== 'ready') set({ phase: 'failed', problem: problemWords(error) });
    }
  }

  function apply(updates: readonly JobView[]): void {
    const before = new Map(state.jobs.map((job) => [job.id, job]));
    const jobs = mergeJobs(state.jobs, updates);
    set({ jobs });
    for (const job of jobs) {
      if (!isTerminal(job)) follow(job);
      else if (before.has(job.id) && !isTerminal(before.get(job.id)!)) onEnd(job);
    }
  }

  function onEnd(job: JobView): void {
    followed.get(job.id)?.abort();
    set({ changes: state.changes + 1, announcement: endWords(job) });
    void readAccount().catch(() => {});
  }

  function follow(job: JobView): void {
    // Jobs without a receipt belong to the native app: no worker of this backend runs them.
    if (!isOpen || followed.has(job.id) || job.receipt === null) return;
    const controller = new AbortController();
    followed.set(job.id, controller);
    darkroom.jobs
      .follow(job.id, { signal: controller.signal, onUpdate: (update) => apply([update]) })
      .catch(() => {})
      .finally(() => followed.delete(job.id));
  }

  async function send(input: JobInput, image: Blob | null): Promise<void> {
    const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    set({ sending: [{ key, input, problem: null }, ...state.sending] });
    try {
      const complete = image ? { ...input, ...(await upload(image)) } : input;
      submissions.add({ key, input: complete, at: Date.now() });
      await submit(key, complete);
    } catch (error) {
      onSendError(key, error);
    }
  }

  /** Uploads to the bucket; an API without uploads gets the image inside the request. */
  async function upload(image: Blob): Promise<Partial<JobInput>> {
    try {
      return { input_image_key: (await darkroom.uploads.put(image)).key };
    } catch (error) {
      if (!(error instanceof DarkroomError) || (error.status !== 404 && error.status !== 405)) throw error;
      return { reference_image_base64: await toDataUrl(image) };
    }
  }

  async function submit(key: string, input: JobInput): Promise<void> {
    const controller = new AbortController();
    sends.set(key, controller);
    try {
      const { job, credits } = await darkroom.jobs.create(input, {
        idempotencyKey: key,
        signal: controller.signal,
      });
      onAccepted(job, credits.balance);
      drop(key);
    } finally {
      sends.delete(key);
    }
  }

  function onAccepted(job: JobView, balance: number): void {
    set({
      credits: balance,
      changes: state.changes + 1,
      announcement: 'Accepted. Your image is in the queue.',
    });
    apply([job]);
    otherTabs.postMessage('changed');
  }

  function onSendError(key: string, error: unknown): void {
    if (error instanceof DarkroomError && error.code === 'aborted') {
      drop(key);
      return;
    }
    submissions.remove(key);
    const problem = problemWords(error);
    set({
      sending: state.sending.map((one) => (one.key === key ? { ...one, problem } : one)),
      announcement: problem,
    });
  }

  function drop(key: string): void {
    sends.get(key)?.abort();
    submissions.remove(key);
    set({ sending: state.sending.filter((one) => one.key !== key) });
  }

  async function cancel(jobId: string): Promise<void> {
    try {
      apply([await darkroom.jobs.cancel(jobId)]);
    } catch (error) {
      if (error instanceof DarkroomError && error.job) apply([error.job]);
      else set({ announcement: problemWords(error) });
    }
    otherTabs.postMessage('changed');
  }

  /** Creates a new job with the same input. An API without `retry` gets the input again. */
  async function retry(job: JobView): Promise<void> {
    try {
      const { job: next, credits } = await darkroom.jobs.retry(job.id);
      onAccepted(next, credits.balance);
    } catch (error) {
      if (error instanceof DarkroomError && error.status === 404) return send(inputOf(job), null);
      set({ announcement: problemWords(error) });
      throw error;
    }
  }

  async function loadMore(): Promise<void> {
    const { data, next_cursor } = await darkroom.jobs.list({ limit: pageSize, cursor: state.nextCursor });
    apply(data);
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
    announce: (announcement: string) => set({ announcement }),
    snapshot: () => state,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Starts loading and following. Idempotent; can be called again after `close`. */
    open() {
      if (isOpen) return;
      isOpen = true;
      otherTabs.onmessage = () => void refresh();
      document.addEventListener('visibilitychange', onShown);
      addEventListener('online', onShown);
      void refresh();
      void readModels();
      void readPrompts();
      for (const { key, input } of submissions.recent(Date.now())) {
        set({ sending: [{ key, input, problem: null }, ...state.sending.filter((one) => one.key !== key)] });
        submit(key, input).catch((error) => onSendError(key, error));
      }
    },
    close() {
      isOpen = false;
      otherTabs.onmessage = null;
      clearTimeout(reconnect);
      document.removeEventListener('visibilitychange', onShown);
      removeEventListener('online', onShown);
      for (const controller of followed.values()) controller.abort();
      followed.clear();
    },
  };
}

/** Null when the call fails: the API may not have it. */
async function orNull<T>(result: Promise<T>): Promise<T | null> {
  return result.catch(() => null);
}

/** The input of a job, to create another one. */
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
  const refund = job.receipt?.refunded ? ` ${creditWords(job.receipt.refunded)} refunded.` : '';
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
