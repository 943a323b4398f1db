import { DarkroomError, type Problem } from './error.ts';
import type { FetchedResponse } from './fetch.ts';

/** The body of a success, or of a 304; undefined where it has none. @throws DarkroomError */
export async function readAnswer(response: FetchedResponse): Promise<unknown> {
  const text = await response.text();
  const body = parse(text);
  if ((response.ok || response.status === 304) && body !== null) return body;
  throw refusal(response, body);
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return null;
  }
}

function refusal({ status, headers }: FetchedResponse, body: unknown): DarkroomError {
  const problem = typeof body === 'object' ? (body as Problem | null) : null;
  return new DarkroomError({
    code: problem?.code ?? codeOf(status),
    message: problem?.detail ?? `The answer ${status} is not one of the API.`,
    status,
    problem,
    retryAfterMs: readRetryAfter(headers.get('retry-after')),
  });
}

/** Of an answer that something before the API gave. */
function codeOf(status: number): string {
  if (status === 401) return 'unauthenticated';
  if (status === 404) return 'not_found';
  if (status === 413) return 'payload_too_large';
  if (status === 429) return 'rate_limited';
  return status >= 502 && status <= 504 ? 'service_unavailable' : 'unexpected_response';
}

/** Seconds, or a date. */
function readRetryAfter(header: string | null): number | null {
  if (!header) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return ms >= 0 ? ms : null;
}
