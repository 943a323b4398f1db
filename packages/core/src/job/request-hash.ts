import { createHash } from 'node:crypto';
import type { JobRequest } from './request.ts';

/**
 * SHA-256 (hex) of a request. Two requests with the same hash are equal. The order of fields has no effect, and a missing
 * field equals null. An inline image is represented by its own SHA-256 (`imageSha256`, hex), so its encoding has no effect.
 */
export function requestHash(request: JobRequest, imageSha256: string | null): string {
  const { reference_image_base64: _, fallback, ...asked } = request;
  const input = {
    ...asked,
    reference_image_sha256: imageSha256,
    // The default equals a missing field, so that adding this field did not change the hash of older requests.
    fallback: fallback ? null : false,
  };
  const stated = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  return createHash('sha256').update(canonicalJson(stated)).digest('hex');
}

/** JSON with the keys of every object in code-unit order. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
}
