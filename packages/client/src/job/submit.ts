import { DarkroomError } from '../http/error.ts';
import type { Http } from '../http/http.ts';
import type { JobInput, JobView } from './job.ts';

/** What the API says to a job it has taken. */
export interface Accepted {
  job: JobView;
  /** In credits: what the user has left, and what the job took. */
  credits: { balance: number; charged: number };
}

export interface SubmitOptions {
  /**
   * Names the submission: the same key with the same input is the same job, for 48 hours. One is made unless given; keep
   * one of your own beside the input to submit it again after the app was killed.
   */
  idempotencyKey?: string;
  /** The API cancels and refunds the job by itself if it has not ended by then: `30s`, `1m30s`, at most `10m`. */
  cancelAfter?: string;
  signal?: AbortSignal;
}

/**
 * Sends what makes a job. An input goes under one key that was made before the first try: however often it has to be
 * sent, it makes one job. @throws DarkroomError with `idempotencyKey`
 */
export async function submit(
  http: Pick<Http, 'send'>,
  path: string,
  {
    body,
    idempotencyKey = body && createKey(),
    cancelAfter,
    signal,
    seeThrough,
  }: SubmitOptions & { body?: JobInput; seeThrough?: boolean },
): Promise<Accepted> {
  try {
    return await http.send('POST', path, {
      body,
      signal,
      seeThrough,
      headers: { 'idempotency-key': idempotencyKey, 'cancel-after': cancelAfter },
    });
  } catch (error) {
    if (error instanceof DarkroomError) error.idempotencyKey = idempotencyKey ?? null;
    throw error;
  }
}

/** Unique, not secret: React Native and pages without TLS have no `randomUUID`. */
function createKey(): string {
  const random = () => Math.random().toString(36).slice(2);
  return globalThis.crypto?.randomUUID?.() ?? `${Date.now().toString(36)}-${random()}${random()}`;
}
