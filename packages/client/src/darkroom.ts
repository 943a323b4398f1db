import { type Account, createAccount } from './account/account.ts';
import { createLine } from './follow/queue-position.ts';
import type { SupabaseClient } from './follow/realtime.ts';
import { type OnWake, onPageWake } from './follow/wake.ts';
import { type Fetch, readsStreams } from './http/fetch.ts';
import { createHttp, type GetToken } from './http/http.ts';
import { createImages, type Images } from './images/images.ts';
import { createGenerate, type Generate } from './job/generate.ts';
import type { JobInput } from './job/job.ts';
import { createJobs, type Jobs } from './job/jobs.ts';
import { createListModels, type ListModels } from './models/models.ts';
import { createPrompts, type Prompts } from './prompts/prompts.ts';
import { createUploads, type Uploads } from './uploads/uploads.ts';

export interface DarkroomOptions {
  /** Of the API, such as `https://api.example.com`. */
  url: string;
  /** Asked before every call, so let it cache. After a 401 it is asked once more, with `{ skipCache: true }`. */
  getToken: GetToken;
  /** Another `fetch` than the global one: `expo/fetch` reads streams in React Native. */
  fetch?: Fetch;
  /** A supabase-js client, made with `accessToken`: lets jobs be followed by Realtime where there are no streams. */
  supabase?: SupabaseClient;
  /** Tells when the app comes back to the foreground. Pages need none; React Native hands in its AppState. */
  onWake?: OnWake;
}

/** What a request would cost, in credits. */
export interface Quote {
  price: number;
  balance: number;
  model: string;
}

export interface Darkroom extends Account {
  /**
   * Makes an image: submits once, follows the job to its end, and resolves to it with its image and receipt.
   * @throws DarkroomError: why there is no image, or why it is not known; `job` and `receipt` are in it
   */
  generate: Generate;
  /** Checks and prices a request, and makes nothing. */
  quote(input: JobInput, options?: { signal?: AbortSignal }): Promise<Quote>;
  jobs: Jobs;
  models: ListModels;
  prompts: Prompts;
  images: Images;
  uploads: Uploads;
}

/** The API of one user. Holds nothing open but what is being followed. */
export function createDarkroom({ supabase, onWake = onPageWake, ...api }: DarkroomOptions): Darkroom {
  const http = createHttp(api);
  const line = createLine({ streams: readsStreams(http.fetch), isPage: 'document' in globalThis });
  const follow = { http, line, supabase, onWake };
  const jobs = createJobs(follow);
  return {
    ...createAccount(http),
    generate: createGenerate({ ...follow, jobs }),
    jobs,
    models: createListModels(http),
    prompts: createPrompts(http),
    images: createImages(http),
    uploads: createUploads(http),
    async quote(input, options) {
      const { quote } = await http.send<{ quote: Quote }>('POST', '/v1/jobs?dry_run=true', {
        ...options,
        body: input,
      });
      return quote;
    },
  };
}
