import path from 'node:path';
import { migrate } from '@darkroom/db/migrate/migrate';
import { spawnManaged } from '@darkroom/local/processes/spawn';
import { stopProcess } from '@darkroom/local/processes/stop';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpSchema } from '../../scripts/dump-schema.ts';
import { openRules } from '../integration/database/rules.ts';
import { createDatabase } from '../support/database.ts';
import { type Deployment, type DeploymentUser, openDeployment } from '../support/deployment.ts';
import { dumpFunctions } from './functions.ts';
import { takeRelease } from './previous.ts';
import { listMigrations, readMigration, readReleased } from './released.ts';

const { commit, migration } = readReleased();
const release = takeRelease(commit);
if (release === null && process.env.CI) {
  throw new Error(
    `The code of the latest release, ${commit} (migrations/RELEASED), is not in this clone and cannot be fetched: ` +
      'clone with the whole history (fetch-depth: 0).',
  );
}
if (release === null) {
  process.stderr.write(
    `\nNOT TESTED: that the latest release runs on today's schema. Its code, ${commit}, is not in this clone and cannot ` +
      'be fetched: git fetch --unshallow, or git fetch origin that commit.\n\n',
  );
}
const withRelease = test.skipIf(release === null);

withRelease('no migration of the release has been changed since', () => {
  const released = listMigrations().filter((name) => name <= migration);
  expect(Object.fromEntries(released.map((name) => [name, readMigration(name)]))).toEqual(
    Object.fromEntries(released.map((name) => [name, readMigration(name, release!)])),
  );
});

withRelease(
  'its database, migrated, is what an empty one becomes, and keeps every call that it serves',
  async () => {
    const rules = await openRules({ migrated: false });
    const empty = await createDatabase();
    try {
      await migrate(rules.url, { folder: path.join(release!, 'migrations') });
      const served = await rules.query<Served>(servedSql);
      await migrate(rules.url);
      expect(await dumpSchema(rules.url)).toBe(await dumpSchema(empty.url));
      expect(await dumpFunctions(rules.url)).toBe(await dumpFunctions(empty.url));
      const now = new Map((await rules.query<Served>(servedSql)).map((one) => [one.name, one]));
      for (const { name, parameters } of served) {
        const { parameters: present = [], needed = 0 } = now.get(name) ?? {};
        expect(present, `${name} has lost a parameter`).toEqual(expect.arrayContaining(parameters));
        expect(needed, `${name} needs a parameter that the release does not send`).toBeLessThanOrEqual(
          parameters.length,
        );
      }
    } finally {
      await rules.close();
      await empty.drop();
    }
  },
);

interface Served {
  name: string;
  parameters: string[];
  /** How many have no default. */
  needed: number;
}

const servedSql = `
  select proname as name, coalesce(proargnames, '{}')::text[] as parameters, pronargs - pronargdefaults as needed
  from pg_proc where pronamespace = 'public'::regnamespace`;

let system: Deployment | undefined;
let oldApi: string;
let ada: DeploymentUser;
let stopOldWorker: () => Promise<unknown>;

beforeAll(async () => {
  if (release === null) return;
  system = await openDeployment({ workers: 0 });
  ada = await system.user('ada');
  oldApi = String((await startOld('api')).message.url);
  const worker = await startOld('worker');
  stopOldWorker = worker.stop;
}, 120_000);
afterAll(() => system?.close());

withRelease('its worker does the jobs of either API on the schema of today', async () => {
  const jobs = [await submit('old', 'a fox'), await submit('new', 'a fox')];
  const blocked = [await submit('old', 'x [fault: blocked]'), await submit('new', 'x [fault: blocked]')];
  for (const id of jobs) {
    const { job } = await ada.ended(id);
    expect(job).toMatchObject({ status: 'completed', attempt: 1, receipt: { charged: 3, refunded: 0 } });
    expect((await fetch(job.output_image_url!)).status).toBe(200);
  }
  for (const id of blocked) {
    const { job } = await ada.ended(id);
    expect(job).toMatchObject({ status: 'failed', error_code: 'content_blocked', receipt: { net: 0 } });
  }
  expect(await system!.audit()).toEqual([]);
});

withRelease('its API cancels, replays and reads what either API took', async () => {
  const id = await submit('new', 'a slow owl [latency: 30s]');
  await ada.until(id, ({ status }) => status === 'processing');
  const canceled = await callOld('POST', `/v1/jobs/${id}/cancel`);
  expect(canceled.body).toMatchObject({ status: 'canceled', receipt: { net: 0 } });

  const headers = { 'Idempotency-Key': `release-${id}` };
  const first = await ada.post('/v1/jobs', { prompt: 'an owl' }, headers);
  const again = await callOld('POST', '/v1/jobs', { prompt: 'an owl' }, headers);
  expect([first.status, again.status]).toEqual([202, 200]);
  expect(again.body.job.id).toBe(first.body.job.id);

  const [listed, here] = await Promise.all([callOld('GET', '/v1/jobs'), ada.get('/v1/jobs')]);
  const ids = (reply: { body: { data: { id: string }[] } }) => reply.body.data.map((job) => job.id);
  expect(ids(listed)).toEqual(ids(here));
  expect((await callOld('GET', '/v1/credits/ledger')).status).toBe(200);
  await ada.ended(first.body.job.id);
  expect(await system!.audit()).toEqual([]);
});

withRelease("today's worker does what its API takes", async () => {
  await system!.stack.addWorker();
  await stopOldWorker();
  const { job } = await ada.ended(await submit('old', 'a bear'));
  expect(job).toMatchObject({ status: 'completed', receipt: { charged: 3, refunded: 0, net: 3 } });
  expect(await system!.audit()).toEqual([]);
});

async function submit(by: 'old' | 'new', prompt: string): Promise<string> {
  const { status, body } =
    by === 'old' ? await callOld('POST', '/v1/jobs', { prompt }) : await ada.post('/v1/jobs', { prompt });
  expect(status, JSON.stringify(body)).toBe(202);
  return body.job.id;
}

async function callOld(method: string, url: string, body?: object, headers: object = {}) {
  const response = await fetch(`${oldApi}${url}`, {
    method,
    headers: {
      authorization: `Bearer ${ada.token}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as any };
}

async function startOld(app: 'api' | 'worker') {
  const { stack } = system!;
  const ready = Promise.withResolvers<Record<string, unknown>>();
  const said: string[] = [];
  const process_ = await spawnManaged(stack.reaper, {
    name: `released ${app}`,
    command: process.execPath,
    args: [path.join(release!, `apps/${app}/src/main.ts`)],
    cwd: release!,
    env: { ...process.env, ...stack.variables },
    output: (line) => said.push(line),
    onMessage: (message) => ready.resolve(message as Record<string, unknown>),
  });
  void process_.exited.then(({ code, signal }) =>
    ready.reject(new Error(`the released ${app} ended (${signal ?? code}):\n${said.slice(-20).join('\n')}`)),
  );
  return { message: await ready.promise, stop: () => stopProcess(process_, { graceMs: 40_000 }) };
}
