import { DarkroomError, type ErrorCode, type Problem } from './error.ts';
import type { FetchedResponse } from './fetch.ts';

/** The body of a success or of a 304; undefined without one. @throws DarkroomError for any other response */
export async function readResponse(response: FetchedResponse): Promise<unknown> {
  const text = await response.text();
  const body = parse(text);
  if ((response.ok || response.status === 304) && body !== null) return body;
  throw toError(response, body);
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return null;
  }
}

function toError({ status, headers }: FetchedResponse, body: unknown): DarkroomError {
  const problem = typeof body === 'object' ? (body as Problem | null) : null;
  return new DarkroomError({
    code: problem?.code ?? codeOf(status),
    message: problem?.detail ?? `Response ${status} is not from the API.`,
    status,
    problem,
    retryAfterMs: readRetryAfter(headers.get('retry-after')),
  });
}

/** The code for a response that something in front of the API sent. */
function codeOf(status: number): ErrorCode {
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
