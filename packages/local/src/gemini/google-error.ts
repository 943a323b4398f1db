const CODE = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
} as const;

export type ErrorStatus = keyof typeof CODE;

/** An error in the format of Google's APIs. */
export class GoogleError extends Error {
  override name = 'GoogleError';
  readonly status: ErrorStatus;
  readonly details: object[];

  constructor(status: ErrorStatus, message: string, details: object[] = []) {
    super(message);
    this.status = status;
    this.details = details;
  }

  get code(): number {
    return CODE[this.status];
  }

  toJson(): string {
    const { code, message, status, details } = this;
    return JSON.stringify({ error: { code, message, status, ...(details.length > 0 && { details }) } });
  }
}

export function invalidArgument(message: string): GoogleError {
  return new GoogleError('INVALID_ARGUMENT', message);
}

export function apiKeyInvalid(): GoogleError {
  return new GoogleError('INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    },
    {
      '@type': 'type.googleapis.com/google.rpc.LocalizedMessage',
      locale: 'en-US',
      message: 'API key not valid. Please pass a valid API key.',
    },
  ]);
}

export function modelNotFound(model: string, version: string): GoogleError {
  return new GoogleError(
    'NOT_FOUND',
    `models/${model} is not found for API version ${version}, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.`,
  );
}

/** An exhausted quota; Google names the quota and the retry delay. */
export function quotaExhausted(
  model: string,
  options: { retryDelayMs: number; perDay: boolean },
): GoogleError {
  const { retryDelayMs, perDay } = options;
  const quotaId = `GenerateRequestsPer${perDay ? 'Day' : 'Minute'}PerProjectPerModel`;
  return new GoogleError(
    'RESOURCE_EXHAUSTED',
    `You exceeded your current quota, please check your plan and billing details. Please retry in ${retryDelayMs / 1000}s.`,
    [
      {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: [
          {
            quotaMetric: 'generativelanguage.googleapis.com/generate_content_requests',
            quotaId,
            quotaDimensions: { location: 'global', model },
            quotaValue: '10',
          },
        ],
      },
      {
        '@type': 'type.googleapis.com/google.rpc.Help',
        links: [
          {
            description: 'Learn more about Gemini API quotas',
            url: 'https://ai.google.dev/gemini-api/docs/rate-limits',
          },
        ],
      },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryDelayMs / 1000}s` },
    ],
  );
}
