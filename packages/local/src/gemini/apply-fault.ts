import type { ServerResponse } from 'node:http';
import type { Fault } from './faults.ts';
import {
  apiKeyInvalid,
  GoogleError,
  invalidArgument,
  modelNotFound,
  quotaExhausted,
} from './google-error.ts';

/** The error answer of a fault; null for faults of another kind. */
export function refusalOf(fault: Fault, model: string, version: string): GoogleError | null {
  switch (fault.kind) {
    case 'not_found':
      return modelNotFound(model, version);
    case 'rate_limited': {
      const { retryDelayMs = 30_000, perDay = false } = fault;
      if (retryDelayMs === null) return new GoogleError('RESOURCE_EXHAUSTED', 'Resource has been exhausted.');
      return quotaExhausted(model, { retryDelayMs, perDay });
    }
    case 'internal':
      return new GoogleError('INTERNAL', 'An internal error has occurred.');
    case 'unavailable':
      return new GoogleError('UNAVAILABLE', 'The model is overloaded. Please try again later.');
    case 'deadline':
      return new GoogleError('DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.');
    case 'invalid_argument':
      return invalidArgument('Request contains an invalid argument.');
    case 'api_key_invalid':
      return apiKeyInvalid();
    case 'failed_precondition':
      return new GoogleError('FAILED_PRECONDITION', 'User location is not supported for the API use.');
    case 'permission_denied':
      return new GoogleError('PERMISSION_DENIED', 'The caller does not have permission.');
    case 'unauthenticated':
      return new GoogleError('UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    default:
      return null;
  }
}

/**
 * Applies a fault of the connection or of the raw answer.
 * @returns whether it did; then there is nothing left to answer.
 */
export function applyFault(fault: Fault, response: ServerResponse): boolean {
  switch (fault.kind) {
    case 'hang':
      return true;
    case 'drip':
      drip(response, fault.intervalMs ?? 1000);
      return true;
    case 'reset':
      response.socket?.resetAndDestroy();
      return true;
    case 'bad_gateway_html':
      response.writeHead(502, { 'content-type': 'text/html' });
      response.end(
        '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>',
      );
      return true;
    case 'empty_body':
      response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' }).end();
      return true;
    default:
      return false;
  }
}

/** JSON may begin with spaces, so the client cannot know that nothing follows. */
function drip(response: ServerResponse, intervalMs: number): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' });
  response.write(' ');
  const timer = setInterval(() => response.write(' '), intervalMs);
  response.on('close', () => clearInterval(timer));
}
