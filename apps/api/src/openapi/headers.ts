/** Request headers by name. */
export const requestHeaders = {
  'Idempotency-Key': {
    description:
      'A new UUID for each image you want. Repeating the same key and body returns the same job without a second debit.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]+$' },
    example: '7f9c1c1e-2f1c-4b43-8e0e-6b0d1f2a3c4d',
  },
  Prefer: {
    description:
      'wait=20 holds the response until the job has ended, at most that many seconds and at most 60.',
    schema: { type: 'string' },
    example: 'wait=20',
  },
  'Cancel-After': {
    description: 'Cancels and refunds the job if it has not ended after this time, from 1s to 10m.',
    schema: { type: 'string', pattern: '^(\\d{1,3}m)?(\\d{1,3}s)?$' },
    example: '2m',
  },
  'If-None-Match': {
    description: 'The ETag of your copy of the job.',
    schema: { type: 'string' },
    example: '"7-Q2xvc2VkIGJ5IGhhbmQuLi"',
  },
  'Last-Event-ID': {
    description: 'The id of the last event you received: the stream resumes from there.',
    schema: { type: 'string' },
    example: '7',
  },
} as const;

/** Response headers by name. */
export const responseHeaders = {
  Location: { description: 'The URL of the created resource.', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds to wait before the next request.', schema: { type: 'string' } },
  RateLimit: {
    description: 'Remaining requests of this window by policy: r requests for t seconds.',
    schema: { type: 'string' },
  },
  'RateLimit-Policy': {
    description: 'Allowed requests: q in w seconds.',
    schema: { type: 'string' },
  },
  ETag: { description: 'The version of this representation.', schema: { type: 'string' } },
  'Idempotent-Replayed': {
    description: 'The response repeats that of an earlier request with this key.',
    schema: { const: 'true' },
  },
  'Preference-Applied': { description: 'The applied part of Prefer.', schema: { type: 'string' } },
} as const;

export type RequestHeader = keyof typeof requestHeaders;
export type ResponseHeader = keyof typeof responseHeaders;
