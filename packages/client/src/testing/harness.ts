import { vi } from 'vitest';
import { createDarkroom, type DarkroomOptions } from '../darkroom.ts';
import type { DarkroomError } from '../http/error.ts';
import type { JobView } from '../job/job.ts';
import { createFakeApi, url } from './fake-api.ts';

/** The clocks stand still until a test moves them; promises go on. */
export function freezeTime(): void {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    now: 1_800_000_000_000,
  });
}

/** Lets so much time pass, and everything that is due happen. */
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A client on a fake API, and what its followers were shown. */
export function openDarkroom(options: Partial<DarkroomOptions> = {}) {
  const api = createFakeApi();
  const seen: JobView[] = [];
  let wake = () => {};
  const darkroom = createDarkroom({
    url,
    getToken: () => 'token',
    fetch: api.fetch,
    onWake: (callback) => {
      wake = callback;
      return () => {
        wake = () => {};
      };
    },
    ...options,
  });
  return {
    api,
    darkroom,
    seen,
    versions: () => seen.map((job) => job.version),
    onUpdate: (job: JobView) => void seen.push(job),
    wake: () => wake(),
  };
}

/** What a promise rejected with, seen at once, so that no rejection goes unhandled while time passes. */
export function rejectionOf(promise: Promise<unknown>): Promise<DarkroomError> {
  return promise.then(
    (value) => {
      throw new Error(`resolved to ${JSON.stringify(value)}`);
    },
    (error) => error,
  );
}
