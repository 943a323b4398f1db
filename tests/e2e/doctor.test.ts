import { generateKeyPairSync } from 'node:crypto';
import { openDatabase } from '@darkroom/db/open';
import { startGateway } from '@darkroom/local/gateway/start';
import { freePort } from '@darkroom/local/processes/free-port';
import { startRedis } from '@darkroom/local/redis/start';
import type { CheckResult, Finding } from '@darkroom/ops/doctor/check';
import { diagnose } from '@darkroom/ops/doctor/diagnose';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { type Deployment, openDeployment } from '../support/deployment.ts';

let deployment: Deployment;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  deployment = await openDeployment();
}, 120_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await deployment.close();
}, 60_000);

type Change = Record<string, string | undefined>;

async function examine(change: Change = {}, now = Date.now): Promise<CheckResult[]> {
  const env = { ...deployment.stack.variables, ...change };
  return diagnose({ env, now, fetch: globalThis.fetch, openDatabase });
}

async function errors(change: Change = {}, now = Date.now): Promise<Finding[]> {
  const results = await examine(change, now);
  return results.flatMap(({ findings }) => findings.filter(({ severity }) => severity === 'error'));
}

it('finds nothing wrong with a healthy deployment, and checks every part of it', async () => {
  expect(await errors()).toEqual([]);
  const results = await examine();
  expect(results.filter(({ status }) => status === 'skipped')).toEqual([]);
  expect(results.find(({ name }) => name === 'storage')?.seen).toBe('write, read, public, remove');
  expect(results.find(({ name }) => name === 'workers')?.seen).toMatch(/^1 alive/);
});

const wrong: [
  string,
  () => Change | Promise<Change>,
  Pick<Finding, 'where'> & { what: RegExp; remedy: RegExp },
][] = [
  [
    'a secret key of another project',
    () => ({ SUPABASE_SECRET_KEY: 'sb_secret_of_another_project' }),
    { where: 'SUPABASE_SECRET_KEY', what: /refused.*401/, remedy: /secret key of this project/ },
  ],
  [
    'the publishable key in place of the secret one',
    () => ({ SUPABASE_SECRET_KEY: deployment.stack.variables.SUPABASE_PUBLISHABLE_KEY }),
    { where: 'SUPABASE_SECRET_KEY', what: /public key/, remedy: /sb_secret_/ },
  ],
  [
    'the secret key where apps take theirs from',
    () => ({ SUPABASE_PUBLISHABLE_KEY: deployment.stack.variables.SUPABASE_SECRET_KEY }),
    { where: 'SUPABASE_PUBLISHABLE_KEY', what: /secret key/, remedy: /replace the secret key/ },
  ],
  [
    'a project that is not there',
    async () => ({ SUPABASE_URL: `http://127.0.0.1:${await freePort()}` }),
    { where: 'SUPABASE_URL', what: /cannot be reached/, remedy: /supabase\.co/ },
  ],
  [
    'a database that is not there',
    async () => ({ DATABASE_URL: `postgres://postgres@127.0.0.1:${await freePort()}/postgres` }),
    { where: 'DATABASE_URL', what: /cannot be reached/, remedy: /host and port/ },
  ],
  [
    'a wrong access key of R2',
    () => ({ R2_ACCESS_KEY_ID: 'nobody' }),
    { where: 'R2_ACCESS_KEY_ID', what: /unknown/, remedy: /Object Read & Write/ },
  ],
  [
    'a wrong secret of R2',
    () => ({ R2_SECRET_ACCESS_KEY: 'wrong' }),
    { where: 'R2_SECRET_ACCESS_KEY', what: /does not belong/, remedy: /same API token/ },
  ],
  [
    'a bucket that is not there',
    () => ({ R2_BUCKET_NAME: 'elsewhere' }),
    { where: 'R2_BUCKET_NAME', what: /does not exist: elsewhere/, remedy: /Create bucket elsewhere/ },
  ],
  [
    'a public address that shows something else',
    () => ({ R2_PUBLIC_URL: `${deployment.stack.api.url}/health/live?` }),
    { where: 'R2_PUBLIC_URL', what: /does not serve/, remedy: /custom domain/ },
  ],
  [
    'a public address where nobody is',
    async () => ({ R2_PUBLIC_URL: `http://127.0.0.1:${await freePort()}` }),
    { where: 'R2_PUBLIC_URL', what: /cannot be reached/, remedy: /public access/ },
  ],
  [
    'a model that does not exist',
    () => ({ GEMINI_MODELS: 'gemini-3-pro-image,gemini-9-image' }),
    { where: 'GEMINI_MODELS', what: /gemini-9-image/, remedy: /such as .*gemini-3-pro-image/ },
  ],
  [
    'a wrong key of Gemini',
    () => ({ GEMINI_API_KEY: 'wrong' }),
    { where: 'GEMINI_API_KEY', what: /refused/, remedy: /aistudio/ },
  ],
  [
    'a key of Clerk that is no key',
    () => ({ CLERK_JWT_KEY: '-----BEGIN PUBLIC KEY-----\\nnonsense\\n-----END PUBLIC KEY-----' }),
    { where: 'CLERK_JWT_KEY', what: /not a public key/, remedy: /JWKS Public Key/ },
  ],
  [
    'the public key of another instance of Clerk',
    () => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      return { CLERK_JWT_KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
    },
    { where: 'CLERK_JWT_KEY', what: /another instance/, remedy: /same instance/ },
  ],
  [
    'a wrong secret key of Clerk',
    () => ({ CLERK_SECRET_KEY: 'sk_test_wrong' }),
    { where: 'CLERK_SECRET_KEY', what: /HTTP 401/, remedy: /Copy the secret key/ },
  ],
  [
    'a secret of Clerk’s webhooks that is none',
    () => ({ CLERK_WEBHOOK_SIGNING_SECRET: 'secret' }),
    { where: 'CLERK_WEBHOOK_SIGNING_SECRET', what: /whsec_/, remedy: /signing secret/ },
  ],
  [
    'payments that buy nothing',
    () => ({ STRIPE_WEBHOOK_SECRET: 'whsec_abc' }),
    { where: 'STRIPE_PRICE_CREDITS', what: /no credits/, remedy: /price_abc=100/ },
  ],
  [
    'the transaction pooler as the queue',
    () => ({ QUEUE_URL: 'postgres://postgres@pooler.test:6543/postgres' }),
    { where: 'QUEUE_URL', what: /6543/, remedy: /Set it like/ },
  ],
  [
    'the transaction pooler for migrations',
    () => ({ DIRECT_URL: 'postgres://postgres@127.0.0.1:6543/postgres' }),
    { where: 'DIRECT_URL', what: /transaction pooler/, remedy: /5432/ },
  ],
  [
    'a queue that is down',
    async () => ({ QUEUE_URL: `redis://127.0.0.1:${await freePort()}` }),
    { where: 'QUEUE_URL', what: /cannot be reached.*ECONNREFUSED/, remedy: /Start Redis/ },
  ],
  [
    'a duration that is none',
    () => ({ JOB_DEADLINE: 'ten minutes' }),
    { where: 'JOB_DEADLINE', what: /no duration/, remedy: /JOB_DEADLINE=10m/ },
  ],
  [
    'a model that may take longer than a job',
    () => ({ MODEL_TIMEOUT: '20m' }),
    { where: 'MODEL_TIMEOUT', what: /not shorter than JOB_DEADLINE/, remedy: /Lower MODEL_TIMEOUT/ },
  ],
  [
    'a variable that is missing',
    () => ({ CLERK_PUBLISHABLE_KEY: undefined }),
    { where: 'CLERK_PUBLISHABLE_KEY', what: /not set/, remedy: /pk_test_/ },
  ],
];

it.each(wrong)('finds %s, and says what to do', async (_, change, expected) => {
  expect(await errors(await change())).toContainEqual({
    severity: 'error',
    where: expected.where,
    what: expect.stringMatching(expected.what),
    remedy: expect.stringMatching(expected.remedy),
  });
});

it('reports every problem at once: one broken part hides no other', async () => {
  const changes = await Promise.all(
    wrong
      .filter(([name]) => /R2|Gemini|duration|down|secret key of Clerk/.test(name))
      .map(([, change]) => change()),
  );
  const found = new Set((await errors(Object.assign({}, ...changes))).map(({ where }) => where));
  for (const where of [
    'R2_ACCESS_KEY_ID',
    'GEMINI_API_KEY',
    'JOB_DEADLINE',
    'QUEUE_URL',
    'CLERK_SECRET_KEY',
  ]) {
    expect(found).toContain(where);
  }
});

it('finds a Redis that evicts deliveries when its memory is full', async ({ skip }) => {
  if (!inject('redisUrl')) skip();
  const redis = await startRedis();
  closing.push(() => redis.stop());
  const client = new Redis(redis.url);
  await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
  client.disconnect();
  expect(await errors({ QUEUE_URL: redis.url })).toEqual([
    {
      severity: 'error',
      where: 'QUEUE_URL',
      what: expect.stringContaining('allkeys-lru'),
      remedy: expect.stringContaining('maxmemory-policy noeviction'),
    },
  ]);
});

it('finds a database that lacks migrations, through its API and directly', async () => {
  const database = await createDatabase({ migrated: false });
  const gateway = await startGateway({
    databaseUrl: database.url,
    publishableKey: deployment.stack.variables.SUPABASE_PUBLISHABLE_KEY!,
    secretKey: deployment.stack.variables.SUPABASE_SECRET_KEY!,
    jwksUrl: `${deployment.stack.variables.CLERK_API_URL}/.well-known/jwks.json`,
  });
  closing.push(
    () => database.drop(),
    () => gateway.stop(),
  );
  const lacking = {
    severity: 'error',
    where: 'migrations',
    what: expect.stringMatching(/lack|not all applied/),
    remedy: expect.stringContaining('npm run migrate'),
  };
  expect(await errors({ SUPABASE_URL: gateway.url, DATABASE_URL: database.url })).toContainEqual(lacking);
  expect(await errors({ SUPABASE_URL: gateway.url, DATABASE_URL: undefined })).toContainEqual(lacking);
});

it('finds a clock that is a minute ahead of the others, whose clocks it names', async () => {
  const found = await errors({}, () => Date.now() + 60_000);
  expect(found.map(({ where, what }) => `${where} ${what}`).join('\n')).toMatch(
    /clock of this machine is 1m ahead of Postgres’s\n.*the queue’s\n.*R2’s/,
  );
  for (const { remedy } of found) expect(remedy).toContain('timedatectl set-ntp true');
});

it('finds a server function that everyone may call, and a table without row level security', async () => {
  await deployment.query('grant execute on function public.grant_credits(text, integer, text, text) to anon');
  await deployment.query('alter table public.custom_prompts disable row level security');
  try {
    const found = await errors();
    expect(found.map(({ where }) => where)).toEqual(['grants', 'row level security']);
    // Each remedy is a statement that mends it.
    for (const { remedy } of found) await deployment.query(remedy.replace('Run in the SQL editor: ', ''));
    expect(await errors()).toEqual([]);
  } finally {
    await deployment.query(
      'revoke execute on function public.grant_credits(text, integer, text, text) from anon',
    );
    await deployment.query('alter table public.custom_prompts enable row level security');
  }
});

it('warns of metrics that are open to the network, and of a token that can be guessed', async () => {
  const warned = (
    await examine({ HOST: '0.0.0.0', METRICS_TOKEN: undefined, OPERATOR_TOKEN: 'x'.repeat(23) })
  )
    .flatMap(({ findings }) => findings)
    .map(({ where }) => where);
  expect(warned).toEqual(expect.arrayContaining(['METRICS_TOKEN', 'OPERATOR_TOKEN']));
  const well = await examine({
    HOST: '0.0.0.0',
    METRICS_TOKEN: 'm'.repeat(32),
    OPERATOR_TOKEN: 'o'.repeat(32),
  });
  expect(well.find(({ name }) => name === 'configuration')?.findings).toEqual([]);
});

it('finds a ledger that does not add up', async () => {
  const ada = await deployment.user('ada');
  await ada.credits();
  const set = (credits: string) =>
    deployment.query(
      `do $$ begin alter table users disable trigger user; update users set credits = ${credits} where id = '${ada.id}'; alter table users enable trigger user; end $$`,
    );
  await set('credits + 1');
  try {
    expect(await errors()).toEqual([
      {
        severity: 'error',
        where: 'credit_audit',
        what: expect.stringContaining('1 rows'),
        remedy: expect.stringContaining('ops audit'),
      },
    ]);
  } finally {
    await set('credits - 1');
  }
});
