const maxDepth = 5;
const maxItems = 50;
const maxStringLength = 2_000;

/** Field names whose values are redacted, at any depth. */
const secretName =
  /authorization|cookie|secret|password|passphrase|token|signature|credential|prompt|base64|api_?key|key$/i;

/** Names that match {@link secretName} but hold object keys, ids and counts that operators need. */
const plainName =
  /^(object_key|thumbnail_key|input_image_key|custom_prompt_id|prompt_length|.*_tokens|idempotency_key_reused)$/i;

/**
 * Returns a copy of a fact's fields that is safe to write. Values of secret names are redacted and credentials inside strings
 * are masked. Errors become plain objects, and buffers are replaced by their length. Long or deeply nested values are cut.
 */
export function scrub(fields: Record<string, unknown>): Record<string, unknown> {
  return scrubObject(fields, 0);
}

function scrubObject(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      isSecret(name, value) ? '[redacted]' : clean(value, depth),
    ]),
  );
}

function isSecret(name: string, value: unknown): boolean {
  const hasValue = value !== undefined && value !== null && value !== '' && typeof value !== 'boolean';
  return hasValue && secretName.test(name) && !plainName.test(name);
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cut(maskCredentials(value));
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= maxDepth) return '[deeper]';
  if (value instanceof Error) return describeError(value, depth);
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => clean(item, depth + 1));
  return scrubObject(value, depth + 1);
}

function describeError(error: Error, depth: number): Record<string, unknown> {
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    message: cut(maskCredentials(error.message)),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.cause === undefined ? {} : { cause: clean(error.cause, depth + 1) }),
    ...(error.stack ? { stack: cut(maskCredentials(error.stack)) } : {}),
  };
}

/**
 * Masks passwords in URLs, bearer tokens, the key formats of the services in use, and rows that Postgres quotes in constraint
 * errors, since they contain prompts.
 */
export function maskCredentials(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]+@/gi, '$1[redacted]@')
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]')
    .replace(/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[redacted]')
    .replace(/\b(AIza[\w-]{20,}|sk_(?:test|live)_\w+|whsec_[\w+/=-]+|sb_secret_[\w-]+)/g, '[redacted]')
    .replace(/(Failing row contains )\(.*/s, '$1[redacted]')
    .replace(/([?&](?:key|token|signature|X-Amz-[\w-]+)=)[^&\s]+/gi, '$1[redacted]');
}

function cut(text: string): string {
  return text.length <= maxStringLength
    ? text
    : `${text.slice(0, maxStringLength)}… (${text.length} characters)`;
}
