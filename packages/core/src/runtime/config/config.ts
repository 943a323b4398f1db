import type { CreditCosts } from '../../job/price.ts';
import type { ModelRates } from './kinds.ts';
import type { ValueOf } from './variables.ts';

/** What is configured, for each role: all read, checked and frozen. Times are in milliseconds. */
export interface Configs {
  api: ApiConfig;
  worker: WorkerConfig;
  migrate: MigrateConfig;
  ops: OpsConfig;
}

export type Role = keyof Configs;

export interface ApiConfig extends CommonConfig {
  supabase: SupabaseConfig;
  directDatabase?: DirectDatabaseConfig;
  queueUrl: string;
  clerk: ClerkConfig;
  gemini: Omit<GeminiConfig, 'apiKey'>;
  r2: R2Config;
  jobs: JobConfig;
  credits: CreditConfig;
  stripe: { webhookSecret?: string; priceCredits: Readonly<Record<string, number>> };
  webhooks: WebhookConfig;
  http: HttpConfig;
  traces: TraceConfig;
  shutdownGraceMs: number;
  /** How long a stopping API goes on answering while `/health/ready` already says that it is not ready. */
  drainDelayMs: number;
}

export interface WorkerConfig extends CommonConfig {
  supabase: SupabaseConfig;
  directDatabase?: DirectDatabaseConfig;
  queueUrl: string;
  gemini: GeminiConfig;
  r2: R2Config;
  jobs: JobConfig;
  credits: CreditConfig;
  webhooks: WebhookConfig;
  concurrency: number;
  shutdownGraceMs: number;
  metrics: { host: string; port: number; token?: string };
  traces: TraceConfig;
}

export interface MigrateConfig extends CommonConfig {
  /** DIRECT_URL where there is one, else DATABASE_URL. */
  databaseUrl: string;
}

/** For the operator's commands, which say themselves what they miss. */
export interface OpsConfig extends CommonConfig {
  supabase: SupabaseConfig;
  queueUrl?: string;
  databaseUrl?: string;
  gemini: Omit<GeminiConfig, 'apiKey'> & { apiKey?: string };
  r2: Partial<R2Config>;
  jobs: JobConfig;
}

/** Where traces go, and how many. */
export interface TraceConfig {
  /** Of an OTLP/HTTP collector. Unset: nothing is recorded. */
  endpoint?: string;
  headers: Readonly<Record<string, string>>;
  /** Of the traces that begin here, the share that is recorded, 0 to 1. */
  share: number;
}

interface CommonConfig {
  logLevel: ValueOf<'LOG_LEVEL'>;
}

export interface SupabaseConfig {
  url: string;
  secretKey: string;
  publishableKey?: string;
}

/** Connections of the process's own to Postgres. Unset: the Data API is asked. */
export interface DirectDatabaseConfig {
  databaseUrl: string;
  /** The most connections that are open at once. */
  poolSize: number;
}

export interface ClerkConfig {
  secretKey: string;
  publishableKey: string;
  jwtKey?: string;
  /** Origins that a session token may come from; unset means any. */
  authorizedParties?: readonly string[];
  webhookSigningSecret?: string;
  apiUrl?: string;
}

export interface GeminiConfig {
  apiKey: string;
  /** The chain, first choice first. */
  models: readonly string[];
  baseUrl?: string;
  apiVersion?: string;
  rpm?: ModelRates;
}

export interface R2Config {
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  bucket: string;
  /** Without a slash at its end. */
  publicUrl: string;
}

export interface JobConfig {
  deadlineMs: number;
  modelTimeoutMs: number;
  maxAttempts: number;
  maxModelCalls: number;
  maxActive: number;
}

export interface CreditConfig {
  /** What a new user gets. */
  byDefault: number;
  costs: CreditCosts;
}

/** Webhooks that are sent to apps. */
export interface WebhookConfig {
  /** Unset: there are none. */
  signingSecret?: string;
  /** For development: they may be sent over http and to private networks. */
  allowPrivate: boolean;
}

/** Who may see /admin; nobody, where nothing is set. */
export interface OperatorConfig {
  userIds: readonly string[];
  /** Members of this Clerk organisation that have this role in it. */
  organization?: { id: string; role: string };
  token?: string;
  /** Whether they may do something there, not only look. */
  actions: boolean;
}

export interface HttpConfig {
  host: string;
  /** 0 is any free port. */
  port: number;
  corsOrigins: readonly string[];
  /** Requests a minute and user. */
  rateLimitPerMinute: number;
  /** Requests a minute and address, before anybody is known. */
  rateLimitPerMinuteIp: number;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[];
  operators: OperatorConfig;
  metricsToken?: string;
}
