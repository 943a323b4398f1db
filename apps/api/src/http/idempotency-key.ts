import { invalidField } from '../problem/validation.ts';

/** The Idempotency-Key of the request, or null. @throws ProblemError invalid_request */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (/^[\x20-\x7e]{1,255}$/.test(header)) return header;
  throw invalidField('Idempotency-Key', 'Must be 1 to 255 printable ASCII characters.');
}
