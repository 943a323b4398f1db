import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { run } from '@darkroom/ops/cli/run';
import { createToolbox } from '@darkroom/ops/cli/tools';
import { commands } from '@darkroom/ops/commands';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DeploymentUser, useDeployment } from '../support/deployment.ts';

const root = path.resolve(import.meta.dirname, '../..');

const deployment = useDeployment({ overrides: { DEFAULT_CREDITS: '100', MAX_ACTIVE_JOBS: '100' } });
let ada: DeploymentUser;

beforeAll(async () => {
  ada = await deployment.user('ada');
  await ada.credits();
}, 120_000);

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A program as a process, with the environment of the deployment. */
function spawn(command: string, words: readonly string[]): Promise<Ended> {
  const env = { ...process.env, ...deployment.stack.variables };
  return new Promise((resolve) => {
    const child = execFile(command, words, { env, cwd: root }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

/** The program in this process, which saves half a second a command. Nobody is there to be asked. */
async function ops(...words: string[]): Promise<Ended> {
  const output = new PassThrough();
  const box = createToolbox({
    environment: { ...deployment.stack.variables },
    input: new PassThrough() as unknown as NodeJS.ReadStream,
    output: output as unknown as NodeJS.WriteStream,
    signal: new AbortController().signal,
  });
  const written = { stdout: '', stderr: '' };
  try {
    const code = await run(words, {
      commands,
      tools: box.tools,
      print: (text) => {
        written.stdout += text;
      },
      printError: (text) => {
        written.stderr += text;
      },
    });
    return { code, ...written };
  } finally {
    await box.close();
  }
}

/** What a command answers as JSON, which is all that it prints. */
async function answer(...words: string[]): Promise<{ code: number; data: any }> {
  const { code, stdout } = await ops(...words, '--json');
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return { code, data: JSON.parse(stdout) };
}

async function paused<T>(work: () => Promise<T>): Promise<T> {
  expect(await answer('queue', 'pause')).toMatchObject({ code: 0, data: { paused: true } });
  try {
    return await work();
  } finally {
    expect(await answer('queue', 'resume')).toMatchObject({ code: 0, data: { paused: false } });
  }
}

it('answers through npm, as JSON, with nothing else on standard output', async () => {
  const job = await ada.submit({ prompt: 'through npm' });
  await ada.ended(job.id);
  const words = ['run', 'ops', '--', 'jobs', 'list', '--user', ada.id, '--json'];
  const { code, stdout } = await spawn('npm', words);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    data: [{ id: job.id, status: 'completed', run: { active: false } }],
  });
  expect(stdout).not.toContain('through npm');
});

it('migrate --wait returns at once on a migrated database', async () => {
  const migrate = path.join(root, 'packages/db/src/migrate/main.ts');
  const { code, stdout } = await spawn(process.execPath, [migrate, '--wait']);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'The database has every migration of this release.\n',
  });
});

it('exits 2 for invalid arguments, and 1 for an unknown job', async () => {
  expect(await ops('jobs', 'list', '--status', 'lost')).toMatchObject({ code: 2, stdout: '' });
  expect(await ops('jobs', 'show', 'x')).toMatchObject({ code: 2 });
  expect(await answer('jobs', 'show', '0b3f8c1e-0000-4000-8000-000000000001')).toEqual({
    code: 1,
    data: { error: { code: 'not_found', message: 'There is no such job.' } },
  });
  expect(await answer('users', 'show', 'nobody@nowhere.test')).toMatchObject({ code: 1 });
});

describe('a paused queue', () => {
  it('keeps new jobs waiting; requeue delivers one again, and resume lets it run', async () => {
    const job = await paused(async () => {
      const submitted = await ada.submit({ prompt: 'waits' });
      const list = await answer('jobs', 'list', '--status', 'pending', '--user', ada.id);
      expect(list.data.data).toMatchObject([{ id: submitted.id, status: 'pending' }]);
      expect(await answer('jobs', 'requeue', submitted.id)).toEqual({
        code: 0,
        data: { kind: 'due', job_id: submitted.id, delivery: 2, queued: true },
      });
      return submitted;
    });
    expect((await ada.ended(job.id)).job).toMatchObject({ status: 'completed', attempt: 1 });
    // What has ended stays ended.
    expect(await answer('jobs', 'requeue', job.id)).toMatchObject({
      code: 1,
      data: { error: { code: 'job_already_finished' } },
    });
    const shown = await answer('jobs', 'show', job.id);
    expect(shown.data).toMatchObject({
      job: { status: 'completed', run: { model_calls: 1, delivery: 2 } },
      ledger: [{ kind: 'job_debit' }],
    });
    expect((await ops('jobs', 'show', job.id, '--prompt')).stdout).toMatch(/prompt +waits/);
  }, 90_000);

  it('is the state after drain, with no active job', async () => {
    const job = await ada.submit({ prompt: 'in hand [latency: 2s]' });
    await ada.until(job.id, ({ stage }) => stage === 'generating');
    expect(await answer('queue', 'drain', '--timeout', '30s')).toMatchObject({
      code: 0,
      data: { paused: true, active: 0 },
    });
    expect((await ada.job(job.id)).status).toBe('completed');
    expect((await ops('queue', 'status')).stdout).toContain('PAUSED');
    expect((await ops('queue', 'resume')).stdout).toContain('open');
  }, 60_000);
});

it('cancels and refunds any user’s job, only after confirmation', async () => {
  const before = await ada.credits();
  await paused(async () => {
    const job = await ada.submit({ prompt: 'unwanted' });
    const asked = await ops('jobs', 'cancel', job.id);
    expect(asked).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--yes') });
    expect((await ada.job(job.id)).status).toBe('pending');
    expect(await answer('jobs', 'cancel', job.id, '--yes')).toMatchObject({
      code: 0,
      data: { status: 'canceled', receipt: { net: 0 } },
    });
    expect(await answer('jobs', 'cancel', job.id, '--yes')).toMatchObject({ code: 1 });
  });
  expect(await ada.credits()).toBe(before);
}, 60_000);

it('settles a job that was ended by a direct write, once, only after confirmation', async () => {
  const before = await ada.credits();
  await paused(async () => {
    const job = await ada.submit({ prompt: 'ended by hand', metadata: { secret: 'of the app' } });
    expect(await answer('jobs', 'settle', job.id, '--yes')).toMatchObject({
      code: 1,
      data: { error: { code: 'invalid_argument' } },
    });
    await deployment.query(
      `do $$ begin alter table image_generation_jobs disable trigger user; update image_generation_jobs set status = 'failed', error_code = 'internal_error', completed_at = now() where id = '${job.id}'; alter table image_generation_jobs enable trigger user; end $$`,
    );
    expect(await answer('audit')).toMatchObject({ code: 1 });
    expect(await answer('jobs', 'settle', job.id)).toMatchObject({
      code: 1,
      data: { error: { code: 'declined' } },
    });
    expect(await answer('jobs', 'settle', job.id, '--yes')).toMatchObject({
      code: 0,
      data: { job_id: job.id, refunded: 3, balance: before },
    });
    expect(await answer('jobs', 'settle', job.id, '--yes')).toMatchObject({ code: 0, data: { refunded: 0 } });
    expect((await ops('jobs', 'show', job.id, '--json')).stdout).not.toMatch(/of the app|ended by hand/);
    expect((await ops('jobs', 'show', job.id, '--json', '--prompt')).stdout).toMatch(/of the app/);
  });
  expect(await answer('audit')).toEqual({ code: 0, data: [] });
  expect(await ada.credits()).toBe(before);
}, 60_000);

it('grants credits once per reference, and shows the ledger row', async () => {
  const before = await ada.credits();
  const words = ['credits', 'grant', ada.id, '7', '--reference', `ticket ${ada.id}`, '--reason', 'Sorry'];
  expect(await answer(...words)).toMatchObject({ code: 1, data: { error: { code: 'declined' } } });
  expect(await answer(...words, '--yes')).toMatchObject({
    code: 0,
    data: { booked: true, balance: before + 7 },
  });
  expect(await answer(...words, '--yes')).toMatchObject({
    code: 0,
    data: { booked: false, balance: before + 7 },
  });
  const { data } = await answer('users', 'show', `${ada.id}@users.invalid`);
  expect(data).toMatchObject({
    user: { id: ada.id, credits: before + 7 },
    deleted: false,
    ledger: expect.arrayContaining([expect.objectContaining({ kind: 'grant', amount: 7, reason: 'Sorry' })]),
  });
}, 60_000);

it('shows the chain of models, the plan of a sweep, and an empty audit', async () => {
  const { data } = await answer('models');
  expect(data.data.map(({ id, available, breaker }: any) => [id, available, breaker?.state])).toEqual([
    ['gemini-nano-banana-2.1', true, 'closed'],
    ['gemini-3-pro-image', true, 'closed'],
    ['gemini-3.1-flash-lite-image', true, 'closed'],
  ]);
  expect(await answer('sweep', '--dry-run')).toMatchObject({ code: 0, data: { data: expect.any(Array) } });
  expect(await answer('sweep', '--yes')).toMatchObject({ code: 0 });
  expect(await answer('audit')).toEqual({ code: 0, data: [] });
  expect(await answer('doctor')).toMatchObject({ code: 0, data: { healthy: true } });
}, 60_000);

it('lists an uncredited payment, and applies it when replayed after its user is known', async () => {
  const late = await deployment.user('late');
  const event = {
    id: `evt_${late.id}`,
    type: 'checkout.session.completed',
    createdAt: new Date().toISOString(),
    created_at: new Date().toISOString(),
    customer: `cus_${late.id}`,
    user_id: late.id,
    purchase: {
      reference: `payment_${late.id}`,
      credits: 50,
      reason: 'Bought',
      unknown_prices: [],
      note: null,
    },
    subscription: null,
  };
  await deployment.query('select take_stripe_event($1)', [JSON.stringify(event)]);
  expect(await answer('webhooks', 'list-unresolved')).toMatchObject({
    code: 1,
    data: { incoming: [{ id: event.id, outcome: 'unknown_user' }], outgoing: [] },
  });
  expect(await answer('webhooks', 'replay', event.id, '--yes')).toMatchObject({ code: 1 });
  const before = await late.credits();
  expect(await answer('webhooks', 'replay', event.id, '--yes')).toMatchObject({
    code: 0,
    data: { outcome: 'applied', user_id: late.id },
  });
  expect(await late.credits()).toBe(before + 50);
  expect(await answer('webhooks', 'list-unresolved')).toMatchObject({ code: 0 });
}, 60_000);

it('load-tests a running API with the given users, and reports the results', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'darkroom-ops-'));
  try {
    const file = path.join(folder, 'tokens');
    const users = await Promise.all(['one', 'two', 'three'].map((name) => deployment.user(name)));
    await writeFile(file, users.map(({ token }) => token).join('\n'));
    const words = [
      'loadtest',
      '--api',
      deployment.stack.api.url,
      '--tokens',
      file,
      '--jobs',
      '12',
      '--rate',
      '20',
    ];
    expect(await answer(...words)).toMatchObject({ code: 1, data: { error: { code: 'declined' } } });
    expect(await answer(...words, '--yes')).toMatchObject({
      code: 0,
      data: { asked: 12, accepted: 12, completed: 12, unfinished: 0, refused: {}, failed: {}, audit: [] },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}, 90_000);
