import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** The result of one submission. */
export interface Submission {
  /** Null if the request was not accepted. */
  jobId: string | null;
  /** `accepted`, the code of the API's error, or `unreachable`. */
  code: string;
  /** From request to response. */
  ms: number;
}

/** Requests in flight; above this the rate drops. */
const maxInFlight = 200;

/**
 * Submits `jobs` jobs, `rate` per second, to the users in turn. Failed requests are not repeated.
 * @returns the result of each, after the last response.
 */
export async function submitAll(
  options: { apiUrl: string; jobs: number; rate: number; prompt: string },
  deps: {
    tokenOf(user: number): Promise<string>;
    users: number;
    signal: AbortSignal;
    fetch: typeof globalThis.fetch;
    onSubmission(submission: Submission): void;
  },
): Promise<Submission[]> {
  const { apiUrl, jobs, rate, prompt } = options;
  const { signal, fetch } = deps;
  const done: Submission[] = [];
  const inFlight = new Set<Promise<void>>();
  const begun = performance.now();

  for (let at = 0; at < jobs && !signal.aborted; at += 1) {
    const waitMs = begun + (at * 1_000) / rate - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => undefined);
    if (inFlight.size >= maxInFlight) await Promise.race(inFlight);
    if (signal.aborted) break;
    const submission = submit(at).then((result) => {
      done.push(result);
      deps.onSubmission(result);
    });
    inFlight.add(submission);
    const forget = () => inFlight.delete(submission);
    submission.then(forget, forget);
  }
  await Promise.all(inFlight);
  return done;

  async function submit(at: number): Promise<Submission> {
    try {
      const token = await deps.tokenOf(at % deps.users);
      const sentAt = performance.now();
      const response = await fetch(`${apiUrl}/v1/jobs`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
        },
        body: JSON.stringify({ prompt: `${prompt} ${at + 1}` }),
        signal: AbortSignal.timeout(30_000),
      });
      const body = (await response.json().catch(() => ({}))) as { job?: { id?: string }; code?: string };
      const ms = performance.now() - sentAt;
      const jobId = response.ok ? (body.job?.id ?? null) : null;
      return { jobId, code: jobId ? 'accepted' : (body.code ?? `HTTP ${response.status}`), ms };
    } catch (error) {
      if ((error as Error).message.includes('--token-command')) throw error;
      return { jobId: null, code: 'unreachable', ms: 0 };
    }
  }
}
