import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate } from '@darkroom/db/migrate/migrate';
import { type Postgres, startPostgres } from '@darkroom/local/postgres/start';
import { createReaper, type Reaper } from '@darkroom/local/processes/reaper';
import { type Redis, startRedis } from '@darkroom/local/redis/start';
import pg from 'pg';

const root = path.resolve(import.meta.dirname, '../..');

/** Durable, as in production: commits are flushed to the disk. */
const durable = {
  fsync: 'on',
  full_page_writes: 'on',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
  max_connections: '300',
};

/** Postgres, Redis and a folder, shared by all contestants of a run. */
export interface Servers {
  reaper: Reaper;
  postgres: Postgres;
  redis: Redis;
  folder: string;
  /** The folder for the sockets of the probes; its path must be short. */
  probes: string;
  /** A log file for a process. */
  log(name: string): string;
  /** Creates a database, with Darkroom's schema unless `empty`. Returns its URL. */
  makeDatabase(name: string, options?: { empty?: boolean }): Promise<string>;
  /** A pool for the benchmark's queries. Closed with the servers. */
  openPool(url: string): pg.Pool;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** @throws with what failed; then everything has been stopped again. */
export async function openServers(): Promise<Servers> {
  const reaper = createReaper();
  const folder = path.join(root, '.local/run', `bench-${randomUUID().slice(0, 8)}`);
  mkdirSync(folder, { recursive: true });
  reaper.removeAtEnd(folder);
  const probes = mkdtempSync(path.join(tmpdir(), 'bench-'));
  reaper.removeAtEnd(probes);
  const ends: (() => Promise<unknown>)[] = [];
  let stopped: Promise<void> | undefined;
  let databases = 0;
  let logs = 0;

  async function end(): Promise<void> {
    for (const step of ends.splice(0).reverse()) await step();
    await reaper.close();
    for (const path of [folder, probes]) rmSync(path, { recursive: true, force: true });
  }
  const stop = () => {
    stopped ??= end();
    return stopped;
  };

  try {
    const postgres = await startPostgres({ reaper, settings: durable });
    ends.push(() => postgres.stop());
    const redis = await startRedis({ reaper, appendOnly: true });
    ends.push(() => redis.stop());
    await execute(postgres.url, 'create database darkroom_template');
    await migrate(inDatabase(postgres.url, 'darkroom_template'));
    return {
      reaper,
      postgres,
      redis,
      folder,
      probes,
      log: (name) => path.join(folder, `${name.replaceAll(/\W+/g, '-')}-${++logs}.log`),
      async makeDatabase(name, { empty = false } = {}) {
        const unique = `${name.replaceAll(/\W+/g, '_')}_${++databases}`;
        const template = empty ? '' : ' template darkroom_template';
        await execute(postgres.url, `create database ${unique}${template}`);
        return inDatabase(postgres.url, unique);
      },
      openPool(url) {
        const pool = new pg.Pool({ connectionString: url, max: 8 });
        pool.on('error', () => {});
        ends.push(() => pool.end());
        return pool;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function inDatabase(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}
