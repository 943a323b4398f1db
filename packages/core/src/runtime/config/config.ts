import type { CreditCosts } from '../../job/price.ts';
import type { ModelRates } from '../../models/rates.ts';
import type { ConfigProblem } from './error.ts';
import type { ValueOf } from './variables.ts';

/** The configuration of each role: read, checked and frozen. Times are in milliseconds. */
export interface Configs {
  api: ApiConfig;
  worker: WorkerConfig;
  migrate: MigrateConfig;
  ops: OpsConfig;
}

export type Role = keyof Configs;

export interface ApiConfig extends CommonConfig {
  /** Settings that have no effect, or cost money, beside another one: to be logged at the start. */
  warnings: readonly ConfigProblem[];
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
  /** How long a stopping API keeps answering while `/health/ready` reports that it is not ready. */
  drainDelayMs: number;
}

export interface WorkerConfig extends CommonConfig {
  /** Settings that have no effect, or cost money, beside another one: to be logged at the start. */
  warnings: readonly ConfigProblem[];
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

/** For the operators' commands; each one reports the settings that it lacks. */
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
  /** The URL of an OTLP/HTTP collector. Without it nothing is recorded. */
  endpoint?: string;
  headers: Readonly<Record<string, string>>;
  /** The share of traces started here that is recorded, 0 to 1. */
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

/** Direct connections to Postgres. Without it the Data API is used. */
export interface DirectDatabaseConfig {
  databaseUrl: string;
  /** Maximum number of connections open at once. */
  poolSize: number;
}

export interface ClerkConfig {
  secretKey: string;
  publishableKey: string;
  jwtKey?: string;
  /** Origins that a session token may come from. Without it, any. */
  authorizedParties?: readonly string[];
  webhookSigningSecret?: string;
  apiUrl?: string;
}

export interface GeminiConfig {
  apiKey: string;
  /** The model chain, first choice first. */
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
  /** Without a trailing slash. */
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
  /** Credits of a new user. */
  byDefault: number;
  costs: CreditCosts;
}

/** Outgoing webhooks. */
export interface WebhookConfig {
  /** Without it no webhooks are sent. */
  signingSecret?: string;
  /** For development: webhooks may use http and private networks. */
  allowPrivate: boolean;
}

/** Who may use /admin; nobody if nothing is set. */
export interface OperatorConfig {
  userIds: readonly string[];
  /** Members of this Clerk organisation who have this role in it. */
  organization?: { id: string; role: string };
  token?: string;
  /** Whether operators may change things, not only read. */
  actions: boolean;
}

export interface HttpConfig {
  host: string;
  /** 0 is any free port. */
  port: number;
  corsOrigins: readonly string[];
  /** Requests a minute per user. */
  rateLimitPerMinute: number;
  /** Requests a minute per address, counted before sign-in. */
  rateLimitPerMinuteIp: number;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[];
  operators: OperatorConfig;
  metricsToken?: string;
}
