import { vi } from 'vitest';
import { createDarkroom, type DarkroomOptions } from '../darkroom.ts';
import type { DarkroomError } from '../http/error.ts';
import type { JobView } from '../job/job.ts';
import { createFakeApi, url } from './fake-api.ts';

/** Freezes timers and clock until a test advances them; promises continue. */
export function freezeTime(): void {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    now: 1_800_000_000_000,
  });
}

/** Advances the time and runs what is due. */
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A client of a fake API, and the states that its followers were shown. */
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

/** What a promise rejects with. Handles the rejection at once, so that it is never unhandled while time advances. */
export function rejectionOf(promise: Promise<unknown>): Promise<DarkroomError> {
  return promise.then(
    (value) => {
      throw new Error(`resolved to ${JSON.stringify(value)}`);
    },
    (error) => error,
  );
}
