import { ApiError } from '@google/genai';
import type { Failure, FailureCode } from '../job/failure.ts';
import { msUntilQuotaReset } from './quota-reset.ts';

/** Caps the delay that the service names. The longest quota is per day, and a day can last 25 hours. */
const longestWaitMs = 25 * 60 * 60 * 1000;

/**
 * Converts an error of the Gemini SDK into a failure, by HTTP status and error details, never by the message text.
 * The caller must handle aborts and timeouts first, since the SDK reports both in the same way.
 * @param now epoch milliseconds, to calculate when a per-day quota resets.
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

/** The API answers 400, as for a bad request, when the key is bad, billing is off or the region is not supported. */
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

/** Whether the quota is per day or zero. The delay in RetryInfo is too short for both. */
function lastsUntilReset({ violations }: ErrorDetail): boolean {
  if (!Array.isArray(violations)) return false;
  return violations.some(
    (violation: { quotaId?: unknown; quotaValue?: unknown } | null) =>
      String(violation?.quotaId ?? '').includes('PerDay') || String(violation?.quotaValue ?? '') === '0',
  );
}

type ErrorDetail = Record<string, unknown>;

interface ErrorBody {
  /** False when a proxy or a gateway answered instead of the API. */
  isFromApi: boolean;
  /** The canonical name, such as `RESOURCE_EXHAUSTED`; empty when there is none. */
  status: string;
  message: string;
  details: ErrorDetail[];
}

/**
 * The SDK keeps only the status of a response and, as the message, the JSON text of its body.
 * It wraps a body that is not JSON, with the reason phrase ("Bad Request") in the place of the canonical name.
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
