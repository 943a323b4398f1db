import { z } from 'zod';
import {
  accessToken,
  creditCosts,
  distinctList,
  duration,
  flag,
  headerList,
  httpUrl,
  list,
  modelRates,
  networks,
  numbersByName,
  pem,
  postgresUrl,
  queueUrl,
  share,
  text,
  transport,
  webhookSecret,
  whole,
} from './kinds.ts';

export interface Variable {
  kind: z.ZodType<unknown, string>;
  /** Shown when the variable is missing or wrong. */
  example: string;
  /** Taken when the variable is not set. */
  default?: string;
  /** Other names that are read when the variable itself is not set, the first one set wins. */
  aliases?: readonly string[];
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** The names that Expo and Next.js give to what they show to the browser. */
function bundled<const Names extends string[]>(...names: Names): string[] {
  return names.flatMap((name) => [`EXPO_PUBLIC_${name}`, `NEXT_PUBLIC_${name}`]);
}

/** Every variable that is read, in the order of `.env.example`. */
export const variables = {
  SUPABASE_URL: {
    kind: httpUrl,
    example: 'https://abcdefgh.supabase.co',
    aliases: bundled('SUPABASE_URL'),
  },
  SUPABASE_SECRET_KEY: {
    kind: text.refine((key) => !isPublicSupabaseKey(key), {
      error: 'is a public key, which may not do what the server must',
    }),
    example: 'sb_secret_… (Supabase, Project settings, API keys)',
    aliases: ['SUPABASE_SERVICE_ROLE_KEY'],
  },
  SUPABASE_PUBLISHABLE_KEY: {
    kind: text,
    example: 'sb_publishable_… (Supabase, Project settings, API keys)',
    aliases: ['SUPABASE_ANON_KEY', ...bundled('SUPABASE_PUBLISHABLE_KEY', 'SUPABASE_ANON_KEY')],
  },
  DATABASE_URL: {
    kind: postgresUrl,
    example: 'postgresql://postgres:password@db.abcdefgh.supabase.co:5432/postgres',
  },
  DIRECT_URL: {
    kind: postgresUrl,
    example: 'postgresql://postgres:password@db.abcdefgh.supabase.co:5432/postgres',
  },
  DB_TRANSPORT: { kind: transport, example: 'direct', default: 'supabase' },
  DB_POOL_SIZE: { kind: whole(1, 1_000), example: '10', default: '10' },

  QUEUE_URL: { kind: queueUrl, example: 'redis://localhost:6379', aliases: ['REDIS_URL'] },

  CLERK_SECRET_KEY: { kind: text, example: 'sk_test_… (Clerk, API keys)' },
  CLERK_PUBLISHABLE_KEY: {
    kind: text.refine((key) => /^pk_(test|live)_/.test(key), {
      error: 'does not begin with pk_test_ or pk_live_',
    }),
    example: 'pk_test_… (Clerk, API keys)',
    aliases: bundled('CLERK_PUBLISHABLE_KEY'),
  },
  CLERK_JWT_KEY: { kind: pem, example: '"-----BEGIN PUBLIC KEY-----\\n…\\n-----END PUBLIC KEY-----"' },
  CLERK_AUTHORIZED_PARTIES: { kind: list, example: 'https://app.example.com,http://localhost:3000' },
  CLERK_WEBHOOK_SIGNING_SECRET: { kind: text, example: 'whsec_… (Clerk, Webhooks)' },
  CLERK_API_URL: { kind: httpUrl, example: 'https://api.clerk.com' },

  GEMINI_API_KEY: {
    kind: text,
    example: 'AIza… (aistudio.google.com, API keys)',
    aliases: bundled('GEMINI_API_KEY'),
  },
  GEMINI_MODELS: {
    kind: distinctList,
    example: 'gemini-3-pro-image,gemini-3.1-flash-lite-image',
    default: 'gemini-nano-banana-2.1,gemini-3-pro-image,gemini-3.1-flash-lite-image',
  },
  GEMINI_BASE_URL: { kind: httpUrl, example: 'https://generativelanguage.googleapis.com' },
  GEMINI_API_VERSION: { kind: text, example: 'v1beta' },
  GEMINI_RPM: { kind: modelRates, example: '60 or gemini-3-pro-image=10,gemini-3.1-flash-lite-image=60' },

  R2_ENDPOINT: {
    kind: httpUrl,
    example: 'https://<account>.r2.cloudflarestorage.com',
    aliases: bundled('R2_ENDPOINT'),
  },
  R2_ACCESS_KEY_ID: {
    kind: text,
    example: '(Cloudflare, R2, Manage API tokens)',
    aliases: bundled('R2_ACCESS_KEY_ID'),
  },
  R2_SECRET_ACCESS_KEY: {
    kind: text,
    example: '(Cloudflare, R2, Manage API tokens)',
    aliases: bundled('R2_SECRET_ACCESS_KEY'),
  },
  R2_BUCKET_NAME: { kind: text, example: 'images', aliases: bundled('R2_BUCKET_NAME') },
  R2_PUBLIC_URL: {
    kind: httpUrl,
    example: 'https://images.example.com',
    aliases: bundled('R2_PUBLIC_URL'),
  },

  DEFAULT_CREDITS: { kind: whole(0, 1_000_000), example: '5', default: '5' },
  CREDIT_COSTS: { kind: creditCosts, example: 'gemini-3-pro-image=2,gemini-3-pro-image@4K=4', default: '' },
  STRIPE_WEBHOOK_SECRET: { kind: text, example: 'whsec_… (Stripe, Webhooks)' },
  STRIPE_PRICE_CREDITS: { kind: numbersByName, example: 'price_abc=100,price_def=500', default: '' },

  JOB_DEADLINE: { kind: duration('1s', '24h'), example: '10m', default: '10m' },
  MODEL_TIMEOUT: { kind: duration('100ms', '1h'), example: '120s', default: '120s' },
  MAX_ATTEMPTS: { kind: whole(1, 100), example: '3', default: '3' },
  MAX_MODEL_CALLS: { kind: whole(1, 100), example: '8', default: '8' },
  WORKER_CONCURRENCY: { kind: whole(1, 1_000), example: '8', default: '8' },
  SHUTDOWN_GRACE: { kind: duration('0s', '1h'), example: '150s', default: '150s' },
  DRAIN_DELAY: { kind: duration('0s', '5m'), example: '10s', default: '0s' },
  MAX_ACTIVE_JOBS: { kind: whole(1, 100_000), example: '10', default: '10' },
  RATE_LIMIT_PER_MINUTE: { kind: whole(1, 1_000_000), example: '600', default: '600' },
  RATE_LIMIT_PER_MINUTE_IP: { kind: whole(1, 10_000_000), example: '6000', default: '6000' },
  TRUSTED_PROXIES: { kind: networks, example: '10.0.0.0/8,127.0.0.1 or private', default: '' },

  WEBHOOK_SIGNING_SECRET: {
    kind: webhookSecret,
    example: 'whsec_ and 24 to 64 random bytes in base64 (openssl rand -base64 32)',
  },
  WEBHOOK_ALLOW_PRIVATE: { kind: flag, example: 'false', default: 'false' },
  CORS_ORIGINS: { kind: list, example: 'https://app.example.com', default: '' },
  OPERATOR_USER_IDS: { kind: list, example: 'user_2abc,user_2def', default: '' },
  OPERATOR_ORGANIZATION: { kind: text, example: 'org_2abc (Clerk, Organizations)' },
  OPERATOR_ORGANIZATION_ROLE: { kind: text, example: 'org:admin', default: 'org:admin' },
  OPERATOR_TOKEN: { kind: accessToken, example: '(24 characters or more: openssl rand -base64 32)' },
  OPERATOR_ACTIONS: { kind: flag, example: 'false', default: 'false' },
  METRICS_TOKEN: { kind: accessToken, example: '(24 characters or more: openssl rand -base64 32)' },
  HOST: { kind: text, example: '0.0.0.0', default: '0.0.0.0' },
  PORT: { kind: whole(0, 65_535), example: '8080', default: '8080' },
  METRICS_PORT: { kind: whole(0, 65_535), example: '9464', default: '0' },
  OTEL_EXPORTER_OTLP_ENDPOINT: { kind: httpUrl, example: 'http://localhost:4318' },
  OTEL_EXPORTER_OTLP_HEADERS: { kind: headerList, example: 'x-api-key=…', default: '' },
  OTEL_TRACES_SAMPLER_ARG: { kind: share, example: '0.1', default: '1' },
  LOG_LEVEL: {
    kind: z.enum(logLevels, { error: `is none of ${logLevels.join(', ')}` }) as unknown as z.ZodType<
      (typeof logLevels)[number],
      string
    >,
    example: 'info',
    default: 'info',
  },
} as const satisfies Record<string, Variable>;

export type VariableName = keyof typeof variables;

/** What a variable is once it is read. */
export type ValueOf<Name extends VariableName> = z.output<(typeof variables)[Name]['kind']>;

/** The variables that always have a value. */
export type DefaultedName = {
  [Name in VariableName]: (typeof variables)[Name] extends { default: string } ? Name : never;
}[VariableName];

function isPublicSupabaseKey(key: string): boolean {
  return key.startsWith('sb_publishable_') || legacyRole(key) === 'anon';
}

/** The role that a legacy Supabase key, a JWT, was made for. */
function legacyRole(key: string): unknown {
  try {
    return JSON.parse(Buffer.from(key.split('.')[1] ?? '', 'base64url').toString()).role;
  } catch {
    return undefined;
  }
}
