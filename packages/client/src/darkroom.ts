import { type Account, createAccount } from './account/account.ts';
import { createConnections } from './follow/connections.ts';
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
  /** Called before every request, so it should cache. After a 401 it is called once more, with `{ skipCache: true }`. */
  getToken: GetToken;
  /** Used instead of the global `fetch`: `expo/fetch` reads streams in React Native. */
  fetch?: Fetch;
  /** A supabase-js client created with `accessToken`: jobs are followed over Realtime where streams do not work. */
  supabase?: SupabaseClient;
  /** Reports that the app is in the foreground again. Not needed in pages; in React Native use AppState. */
  onWake?: OnWake;
}

/** The price of a request, in credits. */
export interface Quote {
  price: number;
  balance: number;
  model: string;
}

export interface Darkroom extends Account {
  /**
   * Makes an image: submits the job once, follows it to its end and resolves to it with image and receipt.
   * @throws DarkroomError with the reason, and with `job` and `receipt` as far as known
   */
  generate: Generate;
  /** Checks a request and returns its price; creates nothing. */
  quote(input: JobInput, options?: { signal?: AbortSignal }): Promise<Quote>;
  jobs: Jobs;
  models: ListModels;
  prompts: Prompts;
  images: Images;
  uploads: Uploads;
}

/** The API for one user. Keeps connections open only while jobs are being followed. */
export function createDarkroom({ supabase, onWake = onPageWake, ...api }: DarkroomOptions): Darkroom {
  const http = createHttp(api);
  const connections = createConnections({
    canStream: readsStreams(http.fetch),
    isPage: 'document' in globalThis,
  });
  const follow = { http, connections, supabase, onWake };
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
