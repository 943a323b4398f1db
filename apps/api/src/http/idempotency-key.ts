import { invalid } from '../problem/invalid.ts';

/** The client's own key; null without one. @throws ProblemError invalid_request */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (/^[\x20-\x7e]{1,255}$/.test(header)) return header;
  throw invalid('Idempotency-Key', 'Must be 1 to 255 printable ASCII characters.');
}
