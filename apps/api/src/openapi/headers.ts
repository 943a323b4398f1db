/** The headers that a call may carry, by name. */
export const requestHeaders = {
  'Idempotency-Key': {
    description: 'A new UUID for each wish. The same key and body again: the same job, and no second debit.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]+$' },
    example: '7f9c1c1e-2f1c-4b43-8e0e-6b0d1f2a3c4d',
  },
  Prefer: {
    description: 'wait=20: answer when the job has ended, or after so many seconds, at most 60.',
    schema: { type: 'string' },
    example: 'wait=20',
  },
  'Cancel-After': {
    description: 'Cancels and refunds the job if it has not ended by then; 1s to 10m.',
    schema: { type: 'string', pattern: '^(\\d{1,3}m)?(\\d{1,3}s)?$' },
    example: '2m',
  },
  'If-None-Match': {
    description: 'The ETag of the job as you know it.',
    schema: { type: 'string' },
    example: '"7-Q2xvc2VkIGJ5IGhhbmQuLi"',
  },
  'Last-Event-ID': {
    description: 'The id of the last event you have seen: the stream goes on from there.',
    schema: { type: 'string' },
    example: '7',
  },
} as const;

/** The headers that an answer may carry, by name. */
export const responseHeaders = {
  Location: { description: 'Where to read what was made.', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds to wait before asking again.', schema: { type: 'string' } },
  RateLimit: {
    description: 'What is left of the requests of a minute, by policy: r requests, for t seconds.',
    schema: { type: 'string' },
  },
  'RateLimit-Policy': {
    description: 'How many requests are let through: q in w seconds.',
    schema: { type: 'string' },
  },
  ETag: { description: 'The version of this representation.', schema: { type: 'string' } },
  'Idempotent-Replayed': {
    description: 'The answer to an earlier request with this key.',
    schema: { const: 'true' },
  },
  'Preference-Applied': { description: 'How Prefer was read.', schema: { type: 'string' } },
} as const;

export type RequestHeader = keyof typeof requestHeaders;
export type ResponseHeader = keyof typeof responseHeaders;
