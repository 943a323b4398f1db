import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { Client } from 'pg';
import { loadKeys } from '../clerk/keys.ts';
import { type LocalClerk, startClerk } from '../clerk/start.ts';
import { startGateway } from '../gateway/start.ts';
import { type LocalGemini, startGemini } from '../gemini/start.ts';
import { type Postgres, startPostgres } from '../postgres/start.ts';
import { supabaseDefaults } from '../postgres/supabase-defaults.ts';
import type { Reaper } from '../processes/reaper.ts';
import { findRedis } from '../redis/find.ts';
import { type Redis, startRedis } from '../redis/start.ts';
import { type LocalStorage, startStorage } from '../storage/start.ts';
import { settingOf, type Variables } from './settings.ts';

export interface PartsOptions {
  /** The variables set by hand. A stand-in starts only when the variables of the real service are not set. */
  settings: Variables;
  /** Holds the keys of the local Clerk, which are always kept. */
  localFolder: string;
  /** The folder for objects and logs of this run. */
  runFolder: string;
  /** The folder of a database that is kept; without it, the database is removed with the run. */
  databaseFolder?: string;
  reaper: Reaper;
  geminiLatencyMs: { min: number; max: number };
  /** Cheap images, for load. */
  quickImages?: boolean;
  /** Fail without Redis instead of using PostgreSQL for the queue. */
  requireRedis: boolean;
  say: (line: string) => void;
  /** Called when a part ends unexpectedly. */
  onLost: (reason: string) => void;
}

export interface Parts {
  /** The variables for the apps. */
  variables: Record<string, string>;
  /** One line for each service: a stand-in or the real one. */
  described: string[];
  postgres: Postgres | null;
  redis: Redis | null;
  gemini: LocalGemini | null;
  storage: LocalStorage | null;
  clerk: LocalClerk | null;
  /** Stops every started part. Idempotent. */
  stop(): Promise<void>;
}

type Stop = () => Promise<void>;

/** Starts a stand-in for each service whose variables are not set, on free ports of 127.0.0.1. */
export async function startParts(options: PartsOptions): Promise<Parts> {
  const stops: Stop[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const parts = await startAll(options, stops);
    return { ...parts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(options: PartsOptions, stops: Stop[]): Promise<Omit<Parts, 'stop'>> {
  const variables: Record<string, string> = {};
  const described: string[] = [];
  const note = (part: string, what: string) => described.push(`${part.padEnd(9)} ${what}`);

  const redisFound = settingOf(options.settings, 'QUEUE_URL') ? null : findRedis({ say: options.say });
  const [clerk, gemini, storage] = await Promise.all([
    standInForClerk(options, variables, note),
    standInForGemini(options, variables, note),
    standInForStorage(options, variables, note),
  ]);
  for (const part of [clerk, gemini, storage]) if (part) stops.push(part.stop);

  const postgres = await standInForPostgres(options, variables, note, stops);
  await standInForSupabase(options, variables, note, stops, clerk);
  const redis = await standInForQueue(options, variables, note, stops, redisFound);
  return { variables, described, postgres, redis, gemini, storage, clerk };
}

type Note = (part: string, what: string) => void;

async function standInForClerk(
  { settings, localFolder }: PartsOptions,
  variables: Record<string, string>,
  note: Note,
) {
  if (settingOf(settings, 'CLERK_SECRET_KEY')) {
    note('Clerk', 'yours (CLERK_SECRET_KEY)');
    return null;
  }
  const clerk = await startClerk({ keys: await loadKeys(path.join(localFolder, 'clerk')) });
  Object.assign(variables, {
    CLERK_SECRET_KEY: clerk.secretKey,
    CLERK_PUBLISHABLE_KEY: clerk.publishableKey,
    // One line, because the env file has one line for each variable.
    CLERK_JWT_KEY: clerk.jwtKey.trim().replaceAll('\n', '\\n'),
    CLERK_API_URL: clerk.url,
    CLERK_WEBHOOK_SIGNING_SECRET: clerk.webhooks.secret,
  });
  note('Clerk', 'local stand-in; sign in with: npm run token -- alice');
  return clerk;
}

async function standInForGemini(options: PartsOptions, variables: Record<string, string>, note: Note) {
  if (settingOf(options.settings, 'GEMINI_API_KEY')) {
    note('Gemini', 'yours (GEMINI_API_KEY)');
    return null;
  }
  const apiKey = `local-${randomBytes(12).toString('hex')}`;
  const gemini = await startGemini({
    apiKey,
    latencyMs: options.geminiLatencyMs,
    quick: options.quickImages,
  });
  Object.assign(variables, { GEMINI_API_KEY: apiKey, GEMINI_BASE_URL: gemini.url });
  note('Gemini', 'local stand-in that paints simple images');
  return gemini;
}

async function standInForStorage(
  { settings, runFolder }: PartsOptions,
  variables: Record<string, string>,
  note: Note,
) {
  if (settingOf(settings, 'R2_ENDPOINT')) {
    note('R2', 'yours (R2_ENDPOINT)');
    return null;
  }
  const access = {
    accessKeyId: 'local',
    secretAccessKey: randomBytes(16).toString('hex'),
    bucket: 'darkroom',
  };
  const storage = await startStorage({ ...access, directory: path.join(runFolder, 'objects') });
  Object.assign(variables, {
    R2_ENDPOINT: storage.endpoint,
    R2_ACCESS_KEY_ID: access.accessKeyId,
    R2_SECRET_ACCESS_KEY: access.secretAccessKey,
    R2_BUCKET_NAME: access.bucket,
    R2_PUBLIC_URL: storage.publicUrl,
  });
  note('R2', 'local stand-in with the S3 API');
  return storage;
}

async function standInForPostgres(
  options: PartsOptions,
  variables: Record<string, string>,
  note: Note,
  stops: Stop[],
) {
  const given = settingOf(options.settings, 'DATABASE_URL');
  if (given) {
    variables.DATABASE_URL = given;
    note('Postgres', 'yours (DATABASE_URL)');
    return null;
  }
  if (settingOf(options.settings, 'SUPABASE_URL')) return null;
  const postgres = await startPostgres({
    directory: options.databaseFolder,
    reaper: options.reaper,
    onLost: options.onLost,
  });
  stops.push(postgres.stop);
  // A separate database leaves `postgres` free for creating others.
  variables.DATABASE_URL = await makeDatabase(postgres.url, 'darkroom');
  await applySupabaseDefaults(variables.DATABASE_URL);
  note('Postgres', `PostgreSQL 18 on port ${postgres.port}`);
  return postgres;
}

async function standInForSupabase(
  { settings, say }: PartsOptions,
  variables: Record<string, string>,
  note: Note,
  stops: Stop[],
  clerk: LocalClerk | null,
) {
  if (settingOf(settings, 'SUPABASE_URL')) {
    note('Supabase', 'yours (SUPABASE_URL)');
    return;
  }
  const keys = {
    publishableKey: `sb_publishable_${randomBytes(16).toString('hex')}`,
    secretKey: `sb_secret_${randomBytes(16).toString('hex')}`,
  };
  const gateway = await startGateway({
    ...keys,
    databaseUrl: variables.DATABASE_URL ?? '',
    jwksUrl: clerk?.jwksUrl ?? jwksOf(settingOf(settings, 'CLERK_PUBLISHABLE_KEY') ?? ''),
    say,
  });
  stops.push(gateway.stop);
  Object.assign(variables, {
    SUPABASE_URL: gateway.url,
    SUPABASE_PUBLISHABLE_KEY: keys.publishableKey,
    SUPABASE_SECRET_KEY: keys.secretKey,
  });
  note('Supabase', 'local stand-in for the Data API and Realtime');
}

async function standInForQueue(
  options: PartsOptions,
  variables: Record<string, string>,
  note: Note,
  stops: Stop[],
  finding: ReturnType<typeof findRedis> | null,
) {
  const given = settingOf(options.settings, 'QUEUE_URL');
  if (given) {
    variables.QUEUE_URL = given;
    note('Queue', `BullMQ on yours (${new URL(given).protocol}//…)`);
    return null;
  }
  const { server, tried } = (await finding) ?? { server: null, tried: [] };
  if (server) {
    const redis = await startRedis({ server, reaper: options.reaper, onLost: options.onLost });
    stops.push(redis.stop);
    variables.QUEUE_URL = redis.url;
    note('Queue', `BullMQ on Redis on port ${redis.port}`);
    return redis;
  }
  if (options.requireRedis) throw new Error(`Redis was not found: ${tried.join('; ')}`);
  variables.QUEUE_URL = variables.DATABASE_URL ?? '';
  note('Queue', `BullMQ on PostgreSQL, because Redis was not found: ${tried.join('; ')}`);
  return null;
}

/** Creates a database unless it exists, and returns its URL. */
async function makeDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  return Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href;
}

async function applySupabaseDefaults(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(supabaseDefaults);
  } finally {
    await client.end();
  }
}

/** Clerk's publishable key contains the domain of the instance, which serves the JWKS. */
function jwksOf(publishableKey: string): string {
  const domain = Buffer.from(publishableKey.split('_')[2] ?? '', 'base64')
    .toString()
    .replace(/\$$/, '');
  if (!domain)
    throw new Error('CLERK_PUBLISHABLE_KEY is missing or malformed; set it together with CLERK_SECRET_KEY');
  return `https://${domain}/.well-known/jwks.json`;
}
