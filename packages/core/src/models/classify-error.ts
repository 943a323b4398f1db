import { ApiError } from '@google/genai';
import type { Failure, FailureCode } from '../job/failure.ts';
import { msUntilQuotaReset } from './quota-reset.ts';

/** No wait is believed beyond a day: the longest quota is one. */
const longestWaitMs = 25 * 60 * 60 * 1000;

/**
 * What an error thrown by the Gemini SDK means, told by HTTP status and error details, never by wording.
 * Aborts and timeouts are the caller's to recognise first: the SDK reports both alike.
 * @param now epoch milliseconds, to reckon when a per-day quota begins anew.
 */
export function classifyError(error: unknown, now: number): Failure {
  if (!(error instanceof ApiError)) {
    return { code: 'provider_unavailable', cause: describe(error) };
  }
  const body = readBody(error);
  const code = codeOf(error.status, body);
  const cause = `HTTP ${error.status}${body.status ? ` ${body.status}` : ''}: ${shorten(body.message)}`;
  const retryAfterMs = code === 'rate_limited' ? waitOf(body, now) : undefined;
  return retryAfterMs === undefined ? { code, cause } : { code, cause, retryAfterMs };
}

function codeOf(status: number, body: ErrorBody): FailureCode {
  switch (status) {
    case 400:
      if (!body.isFromApi) return 'provider_unavailable';
      return isOurSetup(body) ? 'provider_misconfigured' : 'invalid_request';
    case 401:
    case 402:
    case 403:
      return 'provider_misconfigured';
    case 404:
    case 410:
      return 'model_unavailable';
    case 413:
    case 414:
    case 422:
      return 'invalid_request';
    case 429:
      return 'rate_limited';
    default:
      return 'provider_unavailable';
  }
}

/** A bad key and a project without billing or in the wrong region come as 400, like a bad request. */
function isOurSetup(body: ErrorBody): boolean {
  if (body.status === 'FAILED_PRECONDITION') return true;
  return body.details.some(({ reason }) => typeof reason === 'string' && reason.startsWith('API_KEY_'));
}

function waitOf(body: ErrorBody, now: number): number | undefined {
  if (body.details.some(lastsUntilReset)) return msUntilQuotaReset(now);
  for (const { retryDelay } of body.details) {
    const seconds = typeof retryDelay === 'string' ? /^(\d+(?:\.\d+)?)s$/.exec(retryDelay)?.[1] : undefined;
    if (seconds !== undefined) return Math.min(Math.ceil(Number(seconds) * 1000), longestWaitMs);
  }
  return undefined;
}

/** A quota for the day, or a quota of nothing at all: the wait in RetryInfo would not help against either. */
function lastsUntilReset({ violations }: ErrorDetail): boolean {
  if (!Array.isArray(violations)) return false;
  return violations.some(
    (violation: { quotaId?: unknown; quotaValue?: unknown } | null) =>
      String(violation?.quotaId ?? '').includes('PerDay') || String(violation?.quotaValue ?? '') === '0',
  );
}

type ErrorDetail = Record<string, unknown>;

interface ErrorBody {
  /** False where something in between answered, a proxy or a gateway, and not the API itself. */
  isFromApi: boolean;
  /** The canonical name, such as `RESOURCE_EXHAUSTED`; empty where there is none. */
  status: string;
  message: string;
  details: ErrorDetail[];
}

/**
 * The SDK keeps of an answer only its status and, as the message, the JSON text of its body.
 * A body that was no JSON is wrapped by it, with the reason phrase ("Bad Request") in place of the name.
 */
function readBody(error: ApiError): ErrorBody {
  const content = parseError(error.message);
  const status = typeof content?.status === 'string' ? content.status : '';
  return {
    isFromApi: content !== null && (content.status === undefined || /^[A-Z]+(_[A-Z]+)*$/.test(status)),
    status,
    message: typeof content?.message === 'string' ? content.message : error.message,
    details: Array.isArray(content?.details) ? content.details.filter(isRecord) : [],
  };
}

function parseError(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) && isRecord(body.error) ? body.error : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return shorten(String(error));
  const { cause } = error;
  const code = isRecord(cause) && typeof cause.code === 'string' ? ` (${cause.code})` : '';
  return shorten(`${error.name}: ${error.message}${code}`);
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
