import type {
  Configs,
  CreditConfig,
  DirectDatabaseConfig,
  JobConfig,
  R2Config,
  Role,
  SupabaseConfig,
  TraceConfig,
  WebhookConfig,
} from './config.ts';
import type { Values } from './environment.ts';
import { findWarnings } from './relations.ts';

/** Builds the configuration of each role from the values. Required values have been checked to exist. */
export const shapes: { [R in Role]: (values: Values) => Configs[R] } = {
  api: (values) => ({
    warnings: findWarnings(values),
    logLevel: values.LOG_LEVEL,
    supabase: supabase(values),
    directDatabase: directDatabase(values),
    queueUrl: values.QUEUE_URL!,
    clerk: {
      secretKey: values.CLERK_SECRET_KEY!,
      publishableKey: values.CLERK_PUBLISHABLE_KEY!,
      jwtKey: values.CLERK_JWT_KEY,
      authorizedParties: values.CLERK_AUTHORIZED_PARTIES,
      webhookSigningSecret: values.CLERK_WEBHOOK_SIGNING_SECRET,
      apiUrl: values.CLERK_API_URL,
    },
    gemini: gemini(values),
    r2: r2(values),
    jobs: jobs(values),
    credits: credits(values),
    stripe: { webhookSecret: values.STRIPE_WEBHOOK_SECRET, priceCredits: values.STRIPE_PRICE_CREDITS },
    webhooks: webhooks(values),
    http: {
      host: values.HOST,
      port: values.PORT,
      corsOrigins: values.CORS_ORIGINS,
      rateLimitPerMinute: values.RATE_LIMIT_PER_MINUTE,
      rateLimitPerMinuteIp: values.RATE_LIMIT_PER_MINUTE_IP,
      trustedProxies: values.TRUSTED_PROXIES,
      operators: {
        userIds: values.OPERATOR_USER_IDS,
        organization:
          values.OPERATOR_ORGANIZATION === undefined
            ? undefined
            : { id: values.OPERATOR_ORGANIZATION, role: values.OPERATOR_ORGANIZATION_ROLE },
        token: values.OPERATOR_TOKEN,
        actions: values.OPERATOR_ACTIONS,
      },
      metricsToken: values.METRICS_TOKEN,
    },
    traces: traces(values),
    shutdownGraceMs: values.SHUTDOWN_GRACE,
    drainDelayMs: values.DRAIN_DELAY,
  }),

  worker: (values) => ({
    warnings: findWarnings(values),
    logLevel: values.LOG_LEVEL,
    supabase: supabase(values),
    directDatabase: directDatabase(values),
    queueUrl: values.QUEUE_URL!,
    gemini: { ...gemini(values), apiKey: values.GEMINI_API_KEY! },
    r2: r2(values),
    jobs: jobs(values),
    credits: credits(values),
    webhooks: webhooks(values),
    concurrency: values.WORKER_CONCURRENCY,
    shutdownGraceMs: values.SHUTDOWN_GRACE,
    metrics: { host: values.HOST, port: values.METRICS_PORT, token: values.METRICS_TOKEN },
    traces: traces(values),
  }),

  migrate: (values) => ({
    logLevel: values.LOG_LEVEL,
    databaseUrl: (values.DIRECT_URL ?? values.DATABASE_URL)!,
  }),

  ops: (values) => ({
    logLevel: values.LOG_LEVEL,
    supabase: supabase(values),
    queueUrl: values.QUEUE_URL,
    databaseUrl: values.DIRECT_URL ?? values.DATABASE_URL,
    gemini: { ...gemini(values), apiKey: values.GEMINI_API_KEY },
    r2: r2(values),
    jobs: jobs(values),
  }),
};

function supabase(values: Values): SupabaseConfig {
  return {
    url: values.SUPABASE_URL!,
    secretKey: values.SUPABASE_SECRET_KEY!,
    publishableKey: values.SUPABASE_PUBLISHABLE_KEY,
  };
}

function directDatabase(values: Values): DirectDatabaseConfig | undefined {
  if (values.DB_TRANSPORT !== 'direct') return undefined;
  return { databaseUrl: values.DATABASE_URL!, poolSize: values.DB_POOL_SIZE };
}

function gemini(values: Values): Configs['api']['gemini'] {
  return {
    models: values.GEMINI_MODELS,
    baseUrl: values.GEMINI_BASE_URL,
    apiVersion: values.GEMINI_API_VERSION,
    rpm: values.GEMINI_RPM,
  };
}

function r2(values: Values): R2Config {
  return {
    endpoint: values.R2_ENDPOINT!,
    accessKeyId: values.R2_ACCESS_KEY_ID!,
    secretAccessKey: values.R2_SECRET_ACCESS_KEY!,
    bucket: values.R2_BUCKET_NAME!,
    publicUrl: values.R2_PUBLIC_URL!,
  };
}

function jobs(values: Values): JobConfig {
  return {
    deadlineMs: values.JOB_DEADLINE,
    modelTimeoutMs: values.MODEL_TIMEOUT,
    maxAttempts: values.MAX_ATTEMPTS,
    maxModelCalls: values.MAX_MODEL_CALLS,
    maxActive: values.MAX_ACTIVE_JOBS,
  };
}

function credits(values: Values): CreditConfig {
  return { byDefault: values.DEFAULT_CREDITS, costs: values.CREDIT_COSTS };
}

function webhooks(values: Values): WebhookConfig {
  return { signingSecret: values.WEBHOOK_SIGNING_SECRET, allowPrivate: values.WEBHOOK_ALLOW_PRIVATE };
}

function traces(values: Values): TraceConfig {
  return {
    endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    headers: values.OTEL_EXPORTER_OTLP_HEADERS,
    share: values.OTEL_TRACES_SAMPLER_ARG,
  };
}
