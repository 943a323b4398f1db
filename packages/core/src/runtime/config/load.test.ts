import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Role } from './config.ts';
import { ConfigError } from './error.ts';
import { loadConfig } from './load.ts';
import { variables } from './variables.ts';

const complete = {
  SUPABASE_URL: 'https://abc.supabase.co/',
  SUPABASE_SECRET_KEY: 'sb_secret_x',
  QUEUE_URL: 'redis://localhost:6379',
  CLERK_SECRET_KEY: 'sk_test_x',
  CLERK_PUBLISHABLE_KEY: 'pk_test_x',
  GEMINI_API_KEY: 'AIzaX',
  R2_ENDPOINT: 'https://acc.r2.cloudflarestorage.com',
  R2_ACCESS_KEY_ID: 'id',
  R2_SECRET_ACCESS_KEY: 'secret',
  R2_BUCKET_NAME: 'images',
  R2_PUBLIC_URL: 'https://images.example.com/',
  DATABASE_URL: 'postgresql://u:p@db:5432/postgres',
};

describe('configuration', () => {
  test('what is not set has the documented defaults', () => {
    const api = loadConfig(complete, 'api');
    expect(api.jobs).toEqual({
      deadlineMs: 600_000,
      modelTimeoutMs: 120_000,
      maxAttempts: 3,
      maxModelCalls: 8,
      maxActive: 10,
    });
    expect(api.credits.byDefault).toBe(5);
    expect(api.http.rateLimitPerMinute).toBe(600);
    expect(api.shutdownGraceMs).toBe(150_000);
    expect(api.warnings).toEqual([]);
    expect(api.gemini.models).toEqual([
      'gemini-nano-banana-2.1',
      'gemini-3-pro-image',
      'gemini-3.1-flash-lite-image',
    ]);
    expect(loadConfig(complete, 'worker').concurrency).toBe(8);
  });

  test('each role asks only for what it needs', () => {
    expect(loadConfig({ ...complete, GEMINI_API_KEY: undefined }, 'api').supabase.secretKey).toBe(
      'sb_secret_x',
    );
    expect(
      loadConfig({ ...complete, CLERK_SECRET_KEY: '', CLERK_PUBLISHABLE_KEY: '' }, 'worker'),
    ).toBeTruthy();
    expect(loadConfig({ DATABASE_URL: complete.DATABASE_URL, PORT: 'nonsense' }, 'migrate').databaseUrl).toBe(
      complete.DATABASE_URL,
    );
    const { SUPABASE_URL, SUPABASE_SECRET_KEY } = complete;
    expect(loadConfig({ SUPABASE_URL, SUPABASE_SECRET_KEY }, 'ops').queueUrl).toBeUndefined();
  });

  test('webhooks are off, and kept from private networks, unless it is said', () => {
    expect(loadConfig(complete, 'worker').webhooks).toEqual({
      signingSecret: undefined,
      allowPrivate: false,
    });
    const WEBHOOK_SIGNING_SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    expect(
      loadConfig({ ...complete, WEBHOOK_SIGNING_SECRET, WEBHOOK_ALLOW_PRIVATE: 'true' }, 'api').webhooks,
    ).toEqual({ signingSecret: WEBHOOK_SIGNING_SECRET, allowPrivate: true });
    for (const wrong of [
      'whsec_short',
      'whsec_',
      `whsec_${'*'.repeat(44)}`,
      'a long but plain sentence, no secret',
    ]) {
      expect(() => loadConfig({ ...complete, WEBHOOK_SIGNING_SECRET: wrong }, 'api'), wrong).toThrow(
        'WEBHOOK_SIGNING_SECRET',
      );
    }
    expect(() => loadConfig({ ...complete, WEBHOOK_ALLOW_PRIVATE: 'yes' }, 'api')).toThrow(
      'WEBHOOK_ALLOW_PRIVATE',
    );
  });

  test('the direct connection wins for migrations', () => {
    const DIRECT_URL = 'postgresql://u:p@direct:5432/postgres';
    expect(loadConfig({ ...complete, DIRECT_URL }, 'migrate').databaseUrl).toBe(DIRECT_URL);
  });

  test('the database is asked over the Data API, unless connections of its own are wanted', () => {
    expect(loadConfig({ ...complete, DATABASE_URL: undefined }, 'api').directDatabase).toBeUndefined();
    expect(loadConfig({ ...complete, DB_TRANSPORT: 'direct' }, 'worker').directDatabase).toEqual({
      databaseUrl: complete.DATABASE_URL,
      poolSize: 10,
    });
  });

  test('everything that is wrong is reported at once, with a remedy', () => {
    const error = failure({ PORT: '70000', JOB_DEADLINE: 'soon' }, 'api');
    expect(error.problems.map(({ variable }) => variable).sort()).toEqual([
      'CLERK_PUBLISHABLE_KEY',
      'CLERK_SECRET_KEY',
      'JOB_DEADLINE',
      'PORT',
      'QUEUE_URL',
      'R2_ACCESS_KEY_ID',
      'R2_BUCKET_NAME',
      'R2_ENDPOINT',
      'R2_PUBLIC_URL',
      'R2_SECRET_ACCESS_KEY',
      'SUPABASE_SECRET_KEY',
      'SUPABASE_URL',
    ]);
    expect(error.message).toContain('- QUEUE_URL is not set. Set it like QUEUE_URL=redis://localhost:6379');
    expect(error.message).toContain('- PORT is no whole number from 0 to 65535.');
  });

  test('no secret, no address and no key is ever part of an error', () => {
    const hidden = 'hidden-7f3a';
    const names = Object.keys(variables).filter((name) => name !== 'CREDIT_COSTS');
    const env = Object.fromEntries(names.map((name) => [name, `${hidden}://${hidden}@:${hidden}`]));
    for (const role of ['api', 'worker', 'migrate', 'ops'] as const) {
      expect(failure(env, role).message).not.toContain(hidden);
    }
    expect(failure({ QUEUE_URL: `postgres://u:${hidden}@pooler:6543/db` }, 'worker').message).not.toContain(
      hidden,
    );
  });

  test('an empty variable counts as not set', () => {
    expect(failure({ ...complete, QUEUE_URL: ' ' }, 'api').message).toContain('QUEUE_URL is not set');
    expect(loadConfig({ ...complete, PORT: '', MODEL_TIMEOUT: '' }, 'api').jobs.modelTimeoutMs).toBe(120_000);
  });

  test.each([
    ['REDIS_URL', 'QUEUE_URL', 'redis://other:6379'],
    ['NEXT_PUBLIC_SUPABASE_URL', 'SUPABASE_URL', 'https://other.supabase.co'],
    ['EXPO_PUBLIC_SUPABASE_URL', 'SUPABASE_URL', 'https://other.supabase.co'],
    ['SUPABASE_SERVICE_ROLE_KEY', 'SUPABASE_SECRET_KEY', 'other'],
    ['SUPABASE_ANON_KEY', 'SUPABASE_PUBLISHABLE_KEY', 'other'],
    ['EXPO_PUBLIC_SUPABASE_ANON_KEY', 'SUPABASE_PUBLISHABLE_KEY', 'other'],
    ['NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY', 'CLERK_PUBLISHABLE_KEY', 'pk_test_other'],
  ])('%s stands in for %s, which wins where both are set', (alias, name, value) => {
    const read = (env: Record<string, string | undefined>) => JSON.stringify(loadConfig(env, 'api'));
    expect(read({ ...complete, [name]: undefined, [alias]: value })).toContain(`"${value}"`);
    const own = value.replace('other', 'own');
    expect(read({ ...complete, [name]: own, [alias]: value })).toContain(`"${own}"`);
    expect(read({ ...complete, [name]: own, [alias]: value })).not.toContain(`"${value}"`);
  });

  test('an alias that cannot be read is named as it was given', () => {
    const { problems } = failure({ ...complete, QUEUE_URL: '', REDIS_URL: 'localhost' }, 'api');
    expect(problems.map(({ variable }) => variable)).toEqual(['REDIS_URL']);
  });

  test.each([
    [{ MODEL_TIMEOUT: '10m' }, ['MODEL_TIMEOUT', 'JOB_DEADLINE']],
    [{ JOB_DEADLINE: '60s', SHUTDOWN_GRACE: '90s' }, ['SHUTDOWN_GRACE', 'JOB_DEADLINE', 'MODEL_TIMEOUT']],
    [{ CLERK_SECRET_KEY: 'sk_live_x' }, ['CLERK_SECRET_KEY', 'CLERK_PUBLISHABLE_KEY']],
  ])('values that contradict each other are reported with both names: %o', (given, names) => {
    const { message } = failure({ ...complete, ...given }, 'api');
    for (const name of names) expect(message).toContain(name);
  });

  test.each([
    [{ SHUTDOWN_GRACE: '30s' }, 'SHUTDOWN_GRACE', 'MODEL_TIMEOUT'],
    [{ MAX_ATTEMPTS: '9' }, 'MAX_ATTEMPTS', 'MAX_MODEL_CALLS'],
    [
      {
        MAX_ATTEMPTS: '40',
        MAX_MODEL_CALLS: '40',
        JOB_DEADLINE: '1m',
        MODEL_TIMEOUT: '20s',
        SHUTDOWN_GRACE: '30s',
      },
      'MAX_ATTEMPTS',
      'JOB_DEADLINE',
    ],
    [{ MAX_MODEL_CALLS: '2', MAX_ATTEMPTS: '2' }, 'MAX_MODEL_CALLS', 'GEMINI_MODELS'],
  ])('a setting without effect beside another one is a warning: %o', (given, variable, other) => {
    const { warnings } = loadConfig({ ...complete, ...given }, 'worker');
    expect(warnings).toContainEqual(
      expect.objectContaining({ variable, wrong: expect.stringContaining(other) }),
    );
  });

  test.each([
    [{ MAX_MODEL_CALLS: '0' }, 'MAX_MODEL_CALLS'],
    [{ WORKER_CONCURRENCY: '1.5' }, 'WORKER_CONCURRENCY'],
    [{ GEMINI_MODELS: 'a,b,a' }, 'GEMINI_MODELS'],
    [{ GEMINI_MODELS: ' , ' }, 'GEMINI_MODELS'],
    [{ GEMINI_RPM: 'a=b' }, 'GEMINI_RPM'],
    [{ CREDIT_COSTS: 'a=' }, 'CREDIT_COSTS'],
    [{ STRIPE_PRICE_CREDITS: 'price_a' }, 'STRIPE_PRICE_CREDITS'],
    [{ R2_PUBLIC_URL: 'images.example.com' }, 'R2_PUBLIC_URL'],
    [{ QUEUE_URL: 'postgres://u:p@pooler.supabase.com:6543/postgres' }, 'QUEUE_URL'],
    [{ QUEUE_URL: 'amqp://localhost' }, 'QUEUE_URL'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
    [{ CLERK_JWT_KEY: 'abc' }, 'CLERK_JWT_KEY'],
    [{ DB_TRANSPORT: 'pooler' }, 'DB_TRANSPORT'],
    [{ DB_TRANSPORT: 'direct', DATABASE_URL: '' }, 'DB_TRANSPORT'],
    [{ DB_TRANSPORT: 'direct', DATABASE_URL: 'postgres://u:p@pooler.supabase.com:6543/x' }, 'DB_TRANSPORT'],
    [{ DB_POOL_SIZE: '0' }, 'DB_POOL_SIZE'],
    [{ SUPABASE_SECRET_KEY: 'sb_publishable_x' }, 'SUPABASE_SECRET_KEY'],
    [
      { SUPABASE_SECRET_KEY: `x.${Buffer.from('{"role":"anon"}').toString('base64url')}.x` },
      'SUPABASE_SECRET_KEY',
    ],
  ])('%o is refused', (given, name) => {
    expect(failure({ ...complete, ...given }, 'api').problems.map(({ variable }) => variable)).toEqual([
      name,
    ]);
  });

  test('lists, rates, prices, keys and addresses are read', () => {
    const api = loadConfig(
      {
        ...complete,
        GEMINI_RPM: '60, pro=10',
        CREDIT_COSTS: 'pro=2,pro@4K=4',
        STRIPE_PRICE_CREDITS: 'price_a=100,price_b=500',
        CLERK_JWT_KEY: '-----BEGIN PUBLIC KEY-----\\nMII\\n-----END PUBLIC KEY-----',
        CORS_ORIGINS: 'https://a.example.com, https://b.example.com',
        PORT: '0',
      },
      'api',
    );
    expect(api.gemini.rpm).toEqual({ byModel: { pro: 10 }, others: 60 });
    expect(api.credits.costs.get('pro@4K')).toBe(4);
    expect(api.stripe.priceCredits).toEqual({ price_a: 100, price_b: 500 });
    expect(api.clerk.jwtKey).toBe('-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----');
    expect(api.http.corsOrigins).toEqual(['https://a.example.com', 'https://b.example.com']);
    expect(api.http.port).toBe(0);
    expect(api.supabase.url).toBe('https://abc.supabase.co');
    expect(api.r2.publicUrl).toBe('https://images.example.com');
  });

  test.each(['"', "'"])('quotes around a whole value are no part of it: %s', (quote) => {
    const quoted = (value: string) => `${quote}${value}${quote}`;
    const read = (more: Record<string, string>) => loadConfig({ ...complete, ...more }, 'api');
    const key = '-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----';
    for (const given of [key, key.replaceAll('\n', '\\n')]) {
      expect(read({ CLERK_JWT_KEY: quoted(given) }).clerk.jwtKey).toBe(key);
    }
    expect(read({ QUEUE_URL: quoted('redis://quoted:6379') }).queueUrl).toBe('redis://quoted:6379');
    expect(read({ METRICS_PORT: quoted('9464'), PORT: quoted('') }).http.port).toBe(8080);
    expect(read({ CLERK_SECRET_KEY: `${quote}sk_test_x` }).clerk.secretKey).toBe(`${quote}sk_test_x`);
  });

  test.each(['OPERATOR_TOKEN', 'METRICS_TOKEN'])('%s cannot be short enough to be guessed', (name) => {
    const { message } = failure({ ...complete, [name]: 'x'.repeat(23) }, 'api');
    expect(message).toContain(`${name} has fewer than 24 characters`);
    expect(message).toContain('openssl rand -base64 32');
    expect(message).not.toContain('xxx');
    const api = loadConfig({ ...complete, [name]: 'x'.repeat(24) }, 'api');
    expect([api.http.operators.token, api.http.metricsToken]).toContain('x'.repeat(24));
  });

  test('the result cannot be changed', () => {
    const { jobs } = loadConfig(complete, 'worker');
    expect(() => Object.assign(jobs, { maxAttempts: 100 })).toThrow(TypeError);
  });

  test('.env.example tells of every variable and of no other, and holds no secret', () => {
    const example = readFileSync(new URL('../../../../../.env.example', import.meta.url), 'utf8');
    const told = [...example.matchAll(/^(?:# ?)?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
    expect([...told].sort()).toEqual(Object.keys(variables).sort());
    const set = [...example.matchAll(/^[A-Z][A-Z0-9_]+=(.*)$/gm)].map(([, value]) => value);
    expect(set.filter((value) => value !== '')).toEqual([]);
  });
});

function failure(env: Record<string, string | undefined>, role: Role): ConfigError {
  try {
    loadConfig(env, role);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('This environment was accepted.');
}
