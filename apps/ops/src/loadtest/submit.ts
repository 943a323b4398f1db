import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

/** What became of one request for a job. */
export interface Submission {
  /** When it was accepted. */
  jobId: string | null;
  /** `accepted`, or why it was not: the code of the API's problem, or `unreachable`. */
  code: string;
  /** From request to answer. */
  ms: number;
}

/** So many requests may be under way at once; then the rate gives way. */
const mostUnderWay = 200;

/**
 * Asks the API for `jobs` images, `rate` a second, the users taking turns. Nothing is asked twice.
 * @returns what became of each, once the last is answered.
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
  const underWay = new Set<Promise<void>>();
  const begun = performance.now();

  for (let at = 0; at < jobs && !signal.aborted; at += 1) {
    const waitMs = begun + (at * 1_000) / rate - performance.now();
    if (waitMs > 0) await pause(waitMs, undefined, { signal }).catch(() => undefined);
    if (underWay.size >= mostUnderWay) await Promise.race(underWay);
    if (signal.aborted) break;
    const asking = submit(at).then((submission) => {
      done.push(submission);
      deps.onSubmission(submission);
    });
    underWay.add(asking);
    const forget = () => underWay.delete(asking);
    asking.then(forget, forget);
  }
  await Promise.all(underWay);
  return done;

  async function submit(at: number): Promise<Submission> {
    try {
      const token = await deps.tokenOf(at % deps.users);
      const asked = performance.now();
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
      const ms = performance.now() - asked;
      const jobId = response.ok ? (body.job?.id ?? null) : null;
      return { jobId, code: jobId ? 'accepted' : (body.code ?? `HTTP ${response.status}`), ms };
    } catch (error) {
      if ((error as Error).message.includes('--token-command')) throw error;
      return { jobId: null, code: 'unreachable', ms: 0 };
    }
  }
}
